//! A directory kept as an LDIF file, and the journal of its changes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{folder, parts, settings, together};
use sluss_plugin_ldif::{Ldif, Settings};
use sluss_sdk::files::Folder;
use sluss_sdk::{Change, Edit, Error, Modification, Operation, Outcome, Page, Row, Target, Update, Value};

const CLASSES: [&str; 2] = ["user", "group"];

fuzz_target!(|input: &[u8]| {
    let [file, journal, text] = parts(input);
    let folder = folder(&[("directory.ldif", file), ("directory.changes.ldif", journal)]);
    let Ok(before) = rows(&mut open(&folder), u32::MAX) else { return };
    assert_eq!(rows(&mut open(&folder), 1).as_ref(), Ok(&before), "it depends on the size of pages");
    open(&folder).finish().expect("a folder in memory can be written");
    assert_eq!(rows(&mut open(&folder), u32::MAX).as_ref(), Ok(&before), "a file that is written anew says the same");
    if let Some(first) = before[0].rows.first() {
        change(&folder, first, &String::from_utf8_lossy(text));
    }
});

fn open(folder: &Folder) -> Ldif {
    let settings: Settings = settings(serde_json::json!({"folder": "x", "base": "dc=example,dc=se"}));
    Ldif::from_folder(folder.clone(), &settings).expect("the base is a name")
}

/// What is asked for of every entry.
fn columns() -> Vec<String> {
    ["uid", "cn", "mail", "description", "member", "enabled", "container"].map(str::to_owned).to_vec()
}

fn rows(ldif: &mut Ldif, max: u32) -> Result<[Page; 2], Error> {
    let mut read = |class| together(max, |from| ldif.read(class, &columns(), from, max));
    let pages = [read(CLASSES[0])?, read(CLASSES[1])?];
    for (class, page) in CLASSES.iter().zip(&pages) {
        for row in &page.rows {
            let found = ldif.get(class, std::slice::from_ref(&row.id), &columns())?;
            let object = found.first().and_then(Option::as_ref);
            assert!(object.is_some_and(|own| own.id == row.id && own.version == row.version), "an id leads elsewhere");
        }
    }
    Ok(pages)
}

/// Changes an entry. What the connector that did it says is what one says that plays it from the journal, and one that
/// reads the file that was made of both.
fn change(folder: &Folder, row: &Row, text: &str) {
    let values = if text.is_empty() { Vec::new() } else { vec![Value::from(text)] };
    let description = Modification { attribute: "description".to_owned(), edit: Edit::Replace(values) };
    let name = Modification { attribute: "uid".to_owned(), edit: Edit::Replace(vec![Value::from(format!("x{text}"))]) };
    let update = Update { id: row.id.clone(), version: None, modifications: vec![description, name] };
    let mut ldif = open(folder);
    let change = Change { id: 1, class: CLASSES[0].to_owned(), operation: Operation::Update(update) };
    let outcomes = ldif.apply(vec![change]).expect("a folder in memory can be written");
    assert!(!matches!(outcomes[..], [Outcome::Unknown(_)]));
    let told = rows(&mut ldif, u32::MAX);
    assert!(told.is_ok());
    assert_eq!(rows(&mut open(folder), u32::MAX), told, "the journal says something else");
    open(folder).finish().expect("a folder in memory can be written");
    assert_eq!(rows(&mut open(folder), u32::MAX), told, "the file says something else");
}
