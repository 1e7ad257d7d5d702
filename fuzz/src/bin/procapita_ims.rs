//! What Procapita's IMS service answers, and the roster that follows from a unit's answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::roster;
use sluss_plugin_procapita::batch::{self, Batch};
use sluss_plugin_procapita::hierarchy::{self, Asked, MORE};
use sluss_plugin_procapita::soap::{self, Trouble};
use sluss_roster::{Giving, Reading, Roster, Snapshot, Supply};
use sluss_sdk::Error;
use std::time::{Duration, SystemTime};

fuzz_target!(|bytes: &[u8]| {
    let batch = batch::read(bytes);
    assert_eq!(batch, batch::read(bytes));
    let elements = bytes.iter().filter(|byte| **byte == b'<').count();
    if let Ok(Batch { members, groups, persons, nameless, .. }) = &batch {
        assert!(members.len() + groups.len() + persons.len() + nameless <= elements);
    }
    let updates = batch::read_updates(bytes).map(|updates| assert!(updates.touched.len() <= elements));
    let units = soap::read_units(bytes).map(|units| assert!(units.iter().all(|unit| !unit.is_empty())));
    let name = soap::read_group(bytes).map(|name| assert!(!name.is_empty()));
    let health = soap::read_health(bytes).map(drop);
    for answer in [batch.as_ref().map(|_| ()).map_err(Clone::clone), updates, units, name, health] {
        if let Err(Trouble::Fault(code)) = answer {
            assert!(code.len() <= 64 && !code.contains(|sign: char| sign.is_ascii_digit()), "a code tells of nobody");
        }
    }
    if let Ok(batch) = batch {
        roster(|| {
            let giving = Giving { organisation: "1430".to_owned(), staff: true, ..Giving::default() };
            let mut reading = Reading::new(Unit(batch.clone()), giving, Duration::ZERO);
            move |class, from, max| reading.read(class, from.as_deref(), max)
        });
    }
});

/// A service with one unit.
struct Unit(Batch);

impl Supply for Unit {
    fn begin(&mut self) {}

    fn go_on(&mut self, _until: SystemTime) -> Result<Option<Snapshot>, Error> {
        let mut roster = Roster::new(MORE);
        let asked = Asked { id: "Unit=1".to_owned(), name: "Skola A".to_owned() };
        hierarchy::merge(&self.0, &asked, &mut roster);
        Ok(Some(Snapshot { roster, incomplete: None }))
    }
}
