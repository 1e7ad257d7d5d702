//! The population register's file of terms, and what is found in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{Pieces, choice, folder, navet, settings};
use sluss_plugin_navet::termdata::{self, Entry, Terms};
use sluss_plugin_navet::text::Encoding;
use sluss_plugin_navet::{Navet, Settings};
use sluss_sdk::{Error, Finding, Register};
use std::collections::BTreeMap;
use std::io::BufReader;
use std::io::Read;

fuzz_target!(|input: &[u8]| {
    let (choice, bytes) = choice(input);
    let reading = navet::reading(choice);
    let (encoding, name) =
        if choice & 4 == 0 { (Encoding::Utf8, "utf-8") } else { (Encoding::Windows1252, "windows-1252") };
    let terms = BTreeMap::from(TERMS.map(|(name, code)| (name.to_owned(), code.to_owned())));
    let known = Terms::new(&terms).expect("the terms have numbers of their own");
    let read = |source: &mut dyn Read, most| -> Result<(Vec<Entry>, bool), Error> {
        let mut entries = Vec::new();
        let source = BufReader::with_capacity(most, source);
        let is_whole = termdata::read(source, encoding, &known, reading, |entry| {
            entries.push(entry);
            Ok(())
        })?;
        Ok((entries, is_whole))
    };
    let entries = read(&mut &*bytes, 8192);
    assert_eq!(read(&mut Pieces::new(bytes, choice), 7), entries);
    let Ok((entries, is_whole)) = entries else { return };
    let mut numbers = Vec::new();
    for entry in &entries {
        match entry {
            Entry::Post(post) => {
                navet::sound(post, reading);
                numbers.push(post.number.digits().to_owned());
            }
            Entry::Flawed { number, .. } => number.iter().for_each(navet::sound_number),
        }
    }
    numbers.push(NOBODY.to_owned());
    let settings: Settings = settings(serde_json::json!({
        "interface": "file", "folder": "x", "encoding": name, "terms": terms,
        "addresses": reading.addresses, "unmarked-is-unprotected": reading.silence,
    }));
    let mut navet = Navet::from_folder(folder(&[("navet.txt", bytes)]), &settings).expect("the settings are sound");
    let findings = navet.look_up(numbers.clone()).expect("a file that was read is read again");
    assert!(findings.len() == numbers.len());
    let is_sure = is_whole && entries.iter().all(|entry| !matches!(entry, Entry::Flawed { number: None, .. }));
    for (number, finding) in numbers.iter().zip(findings) {
        let is_there = entries.iter().any(|entry| matches!(entry, Entry::Post(post) if post.number.digits() == number));
        assert!(finding != Finding::Unknown || is_sure && !is_there, "somebody is unknown whom the file may tell of");
    }
});

/// An official number for tests.
const NOBODY: &str = "194107086995";

/// Terms whose numbers are not published.
const TERMS: [(&str, &str); 12] = [
    ("references", "02001"),
    ("deregistration-code", "02002"),
    ("deregistered", "02003"),
    ("death", "02004"),
    ("status", "02005"),
    ("county", "02006"),
    ("municipality", "02007"),
    ("care-of", "02008"),
    ("street-further", "02009"),
    ("street", "02010"),
    ("postal-code", "02011"),
    ("town", "02012"),
];
