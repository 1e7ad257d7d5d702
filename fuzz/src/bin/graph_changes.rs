//! What Graph tells of changes, page by page, and cursors that come back otherwise than they were given.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value as Json, json};
use sluss_fuzz::{choice, settings, sound};
use sluss_plugin_office365::Settings;
use sluss_plugin_office365::delta::{attributes, changes, latest};
use sluss_plugin_office365::fields::Class;
use sluss_plugin_office365::graph::{Asked, Graph};
use sluss_plugin_office365::known::Known;
use sluss_plugin_office365::look::View;
use sluss_sdk::http::Response;
use sluss_sdk::{Answer, Cursor, Error, Rest, Row};
use std::cell::Cell;
use std::collections::BTreeMap;

/// A tenant: its objects, and the pages to which the links `0` to `9` lead.
struct Tenant<'b> {
    pages: Vec<&'b [u8]>,
    /// How many more questions it answers: its pages may lead to each other.
    patience: Cell<u32>,
}

impl Graph for Tenant<'_> {
    fn send(&self, asked: &Asked) -> Result<Response, Error> {
        let option = |name: &str| asked.query.iter().find(|(own, _)| own == name).map(|(_, option)| option);
        let Some(filter) = option("$filter") else {
            let link = br#"{"value": [], "@odata.deltaLink": "1"}"#;
            return if option("$deltatoken").is_some() { Ok(said(link)) } else { self.follow("0") };
        };
        let mut told: Json = serde_json::from_slice(&self.follow("0")?.body).unwrap_or_default();
        let is_meant = |own: &Json| {
            own["id"].as_str().is_some_and(|id| filter.contains(&format!("'{}'", id.to_ascii_lowercase())))
        };
        told.get_mut("value").and_then(Json::as_array_mut).into_iter().for_each(|objects| objects.retain(is_meant));
        Ok(said(json!({"value": told["value"]}).to_string().as_bytes()))
    }

    fn follow(&self, url: &str) -> Result<Response, Error> {
        self.patience
            .set(self.patience.get().checked_sub(1).ok_or_else(|| Error::unavailable("It has no more patience"))?);
        let page = url.parse::<usize>().ok().and_then(|at| self.pages.get(at));
        page.map(|page| said(page)).ok_or_else(|| Error::invalid("The link leads elsewhere"))
    }

    fn stand_in(&self, _: u64) -> Result<String, Error> {
        Ok("a password".to_owned())
    }

    fn now(&self) -> i64 {
        0
    }

    fn warn(&self, _: &str) {}
}

fn said(body: &[u8]) -> Response {
    Response { status: 200, headers: Vec::new(), body: body.to_vec() }
}

fuzz_target!(|input: &[u8]| {
    let (way, input) = choice(input);
    let class = [Class::User, Class::Guest, Class::Group][usize::from(way & 3) % 3];
    let mut pages: Vec<&[u8]> = input.split(|byte| *byte == 0x1e).collect();
    let slips = pages.pop().unwrap_or_default();
    let tenant = || Tenant { pages: pages.clone(), patience: Cell::new(200) };
    let mut since = latest(&tenant(), class).expect("it says where its changes stand");
    if let (Some(one), Some(all)) = (told(&tenant(), class, &since, 1), told(&tenant(), class, &since, 1000)) {
        assert_eq!(one, all, "it depends on the size of batches");
    }
    since.iter_mut().zip(slips).for_each(|(byte, slip)| *byte ^= slip);
    told(&tenant(), class, &since, 2);
    told(&tenant(), class, &slips.to_vec(), 2);
});

/// The last word on every object, until Graph has no more; none where the token is too old, or something is wrong.
fn told(tenant: &Tenant, class: Class, since: &Cursor, max: u32) -> Option<BTreeMap<String, Option<Row>>> {
    let settings: Settings = settings(json!({"connection": "graph"}));
    let view = View::new(tenant, &settings, &Known::default(), class, &attributes(class)).ok()?;
    let (mut all, mut since) = (BTreeMap::new(), since.clone());
    loop {
        let Answer::Batch(batch) = changes(tenant, &view, &since, max).ok()? else { return None };
        let named = batch.page.rows.len() + batch.page.faults.len() + batch.gone.len();
        sound(&batch.page, max);
        assert!(named <= max as usize, "a batch is longer than was asked for");
        batch.page.faults.iter().filter_map(|fault| fault.object.as_ref()).for_each(|id| drop(all.remove(id)));
        all.extend(batch.gone.into_iter().map(|id| (id, None)));
        all.extend(batch.page.rows.into_iter().map(|row| (row.id.clone(), Some(row))));
        match batch.page.rest {
            Rest::More(next) => since = next,
            _ => return Some(all),
        }
    }
}
