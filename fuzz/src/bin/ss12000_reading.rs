//! A whole conversation with a school system that may answer anything: reading in full, and asking for what changed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{choice, parts, settings, sound};
use sluss_plugin_ss12000::Settings;
use sluss_plugin_ss12000::class::Class;
use sluss_plugin_ss12000::reading::Reading;
use sluss_plugin_ss12000::service::Service;
use sluss_sdk::http::Response;
use sluss_sdk::{Answer, Error, Page, Rest};
use std::collections::HashSet;

/// 22 November 2026, in the morning.
const NOW: i64 = 1_795_339_200;

/// More calls than it takes to hear that a service gives the same page again.
const MOST_CALLS: usize = 1000;

fuzz_target!(|input: &[u8]| {
    let (choice, input) = choice(input);
    let school = School { answers: parts(input) };
    let settings: Settings = settings(serde_json::json!({
        "connection": "school", "organisation": "9999",
        "staff": choice & 1 != 0, "placements": choice & 2 != 0, "guardians": choice & 4 != 0,
    }));
    let mut reading = Reading::new(&school, &settings);
    let mut other = Reading::new(&school, &settings);
    for class in Class::ALL {
        let token = reading.latest(class);
        let page = full(class, &mut reading, 1000);
        assert_eq!(full(class, &mut other, 2), page, "it depends on the size of pages");
        if let Ok(Page { rows, rest: Rest::Complete, .. }) = page {
            let ids: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
            assert!(ids.len() == rows.len(), "two records have the same id");
        }
        changes(class, &mut reading, token);
    }
});

/// A school system with one answer for each collection, and one for whatever else is asked.
struct School<'b> {
    answers: [&'b [u8]; 6],
}

impl Service for &School<'_> {
    fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Response, Error> {
        let is_first = query.iter().all(|(name, _)| *name != "pageToken");
        let all = ["/organisations", "/groups", "/placements", "/duties", "/persons"];
        let at = all.iter().position(|own| *own == path && is_first).unwrap_or(all.len());
        Ok(Response { status: 200, headers: Vec::new(), body: self.answers[at].to_vec() })
    }

    fn now(&self) -> i64 {
        NOW
    }
}

fn full(class: Class, reading: &mut Reading<&School<'_>>, max: u32) -> Result<Page, Error> {
    let mut all = Page::new::<&str>(&[]);
    let mut cursor = None;
    for _ in 0..MOST_CALLS {
        let page = reading.read(class, cursor.as_deref(), max)?;
        sound(&page, max);
        all.columns = page.columns;
        all.rows.extend(page.rows);
        all.faults.extend(page.faults);
        match page.rest {
            Rest::More(next) => cursor = Some(next),
            rest => return Ok(Page { rest, ..all }),
        }
    }
    panic!("a read goes on for ever");
}

fn changes(class: Class, reading: &mut Reading<&School<'_>>, token: Vec<u8>) {
    let mut since = token;
    for _ in 0..MOST_CALLS {
        match reading.changes(class, &since, 3) {
            Ok(Answer::Batch(batch)) => {
                sound(&batch.page, 3);
                let Rest::More(next) = batch.page.rest else { return };
                since = next;
            }
            Ok(Answer::Expired) | Err(_) => return,
        }
    }
    panic!("an answer goes on for ever");
}
