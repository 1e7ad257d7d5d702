//! The export of Extens: its records however its bytes come in, and the roster that follows from them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{Pieces, choice, folder, roster, settings};
use sluss_plugin_extens::export::{self, Item};
use sluss_plugin_extens::{Extens, Settings};
use sluss_sdk::Source;
use std::io::Read;

fuzz_target!(|input: &[u8]| {
    let (most, bytes) = choice(input);
    let read = items(bytes);
    assert_eq!(read, items(Pieces::new(bytes, most)));
    let elements = bytes.iter().filter(|byte| **byte == b'<').count();
    assert!(read.is_none_or(|items| items.len() <= elements));
    let folder = folder(&[("ist_1.xml", bytes)]);
    let settings: Settings = settings(serde_json::json!({
        "interface": "file", "folder": "x", "organisation": "1484", "staff": most & 1 != 0, "addresses": most & 2 != 0,
        "school-year": {"start": "2026-08-18", "end": "2027-06-11"},
    }));
    roster(|| {
        let mut extens = Extens::from_folder(folder.clone(), &settings).expect("the settings name a file and a year");
        move |class, from, max| extens.read(class, from, max)
    });
});

/// The records of a whole export. Why one is not whole may depend on how far was read at once.
fn items(source: impl Read) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    export::read(source, |item| items.push(item)).ok().map(|()| items)
}
