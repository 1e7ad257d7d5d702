//! The connector on files in memory.

#![allow(clippy::unwrap_used)]

use sluss_plugin_navet::{Navet, Settings};
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{Connector, Error, ErrorKind, Finding, Register, Severity};
use sluss_test_servers::navet::people::{self, DEAD, ELSA, NOBODY, SVANTE};
use sluss_test_servers::navet::write;

fn settings(more: &str) -> Settings {
    serde_json::from_str(&format!(r#"{{"interface":"file","folder":"in","encoding":"utf-8"{more}}}"#)).unwrap()
}

fn navet(content: &str) -> (Navet, Memory) {
    let memory = Memory::default();
    memory.put("navet.txt", content);
    (Navet::from_folder(Folder::in_memory(&memory), &settings("")).unwrap(), memory)
}

fn look_up(navet: &mut Navet, numbers: &[&str]) -> Vec<Finding> {
    navet.look_up(numbers.iter().map(|number| (*number).to_owned()).collect()).unwrap()
}

fn failed(finding: &Finding) -> &Error {
    let Finding::Failed(error) = finding else { panic!("{finding:?}") };
    error
}

fn all() -> String {
    write::file(&people::people(), true)
}

#[test]
fn whoever_is_in_the_file_is_found_and_the_others_are_unknown() {
    let (mut navet, memory) = navet(&all());
    let found = look_up(&mut navet, &[SVANTE, NOBODY, "19491223TF94", SVANTE, "4107086995"]);
    assert!(matches!(found[0], Finding::Found(_)) && found[0] == found[3]);
    assert_eq!(found[1..3], [Finding::Unknown, Finding::Unknown]);
    assert_eq!(failed(&found[4]).kind, ErrorKind::Invalid);
    // A new file is read anew.
    memory.put("navet.txt", all().replace(SVANTE, NOBODY));
    assert!(matches!(look_up(&mut navet, &[SVANTE, NOBODY])[..], [Finding::Unknown, Finding::Found(_)]));
}

#[test]
fn of_a_made_up_file_everybody_is_found_and_two_pupils_are_protected() {
    let staff = sluss_people::Population::new(1, 300);
    let pupils = sluss_people::Pupils::beside(&staff, 1_040);
    let memory = Memory::default();
    memory.put("navet.txt", pupils.register(&staff));
    let settings = serde_json::from_str(r#"{"interface":"file","folder":"in"}"#).unwrap();
    let mut navet = Navet::from_folder(Folder::in_memory(&memory), &settings).unwrap();
    let known: Vec<_> = (0..pupils.count()).map(|index| pupils.pupil(index)).collect();
    let numbers: Vec<String> = known.iter().map(|pupil| pupil.identity.to_string()).collect();
    let found = look_up(&mut navet, &numbers.iter().map(String::as_str).collect::<Vec<_>>());
    let mut protected = 0;
    for (finding, pupil) in found.iter().zip(&known) {
        let Finding::Found(attributes) = finding else {
            assert!(finding == &Finding::Unknown && pupil.identity.lasting().is_none());
            continue;
        };
        let is_protected = attributes.iter().any(|own| own.name == "protected" && own.values == [true.into()]);
        assert_eq!(is_protected, pupil.mark.is_some());
        protected += usize::from(is_protected);
    }
    assert_eq!(protected, 2);
}

#[test]
fn a_post_that_cannot_be_used_leaves_the_others_alone() {
    let text = all().replacen("#UP 01011 12", "UP 01011 12", 1);
    let (mut navet, _) = navet(&text);
    let found = look_up(&mut navet, &[SVANTE, ELSA, NOBODY]);
    let error = failed(&found[0]);
    assert_eq!((error.kind, error.place.as_ref().unwrap().line), (ErrorKind::Invalid, Some(2)));
    assert!(matches!(found[1], Finding::Found(_)) && found[2] == Finding::Unknown);
}

#[test]
fn where_a_post_has_no_number_nobody_is_unknown() {
    for text in [all().replace(DEAD, "123"), all().rsplit_once("#POST_SLUT").unwrap().0.to_owned()] {
        let (mut navet, _) = navet(&text);
        let found = look_up(&mut navet, &[SVANTE, NOBODY]);
        assert!(matches!(found[0], Finding::Found(_)));
        assert_eq!(failed(&found[1]).kind, ErrorKind::Unavailable);
        let results = navet.check().unwrap();
        assert!(results.iter().any(|result| result.message.contains("counts as unknown")), "{results:?}");
    }
}

#[test]
fn two_posts_about_one_person_count_once_or_not_at_all() {
    let (mut same, _) = navet(&(all() + &all()));
    assert!(matches!(look_up(&mut same, &[SVANTE])[0], Finding::Found(_)));
    let (mut differing, _) = navet(&(all() + &all().replace("Björn", "Bo")));
    let found = look_up(&mut differing, &[SVANTE, ELSA]);
    assert_eq!(failed(&found[0]).kind, ErrorKind::Invalid);
    assert!(matches!(found[1], Finding::Found(_)));
}

#[test]
fn a_check_says_what_there_is() {
    let (mut navet, memory) = navet(&all());
    let results = navet.check().unwrap();
    assert_eq!((results[0].severity, results[0].message.as_str()), (Severity::Info, "10 posts"));
    let warned = |word: &str| results.iter().any(|result| result.message.contains(word));
    assert!(warned("days old") && warned("unmarked-is-unprotected"), "{results:?}");
    memory.put("navet.txt", "PERSONNR;FORNAMN\r\n");
    assert_eq!(navet.check().unwrap()[0].severity, Severity::Failure);
    let mut missing = Navet::from_folder(Folder::in_memory(&Memory::default()), &settings("")).unwrap();
    assert_eq!(missing.look_up(vec![SVANTE.to_owned()]).unwrap_err().kind, ErrorKind::Config);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    for (text, word) in [
        (r#"{"interface":"file"}"#, "`folder`"),
        (r#"{"interface":"soap"}"#, "`connection`"),
        (r#"{"interface":"rest","connection":"c","organisation":"20210047"}"#, "`organisation`"),
        (r#"{"interface":"rest","connection":"c","organisation":"202100-4748","order":"<x>"}"#, "`order`"),
        (r#"{"interface":"file","folder":"f","terms":{"colour":"1"}}"#, "`colour`"),
        (r#"{"interface":"file","folder":"f","terms":{"town":"01012"}}"#, "same number"),
        (r#"{"interface":"file","folder":"f","terms":{"town":"0 1"}}"#, "`town`"),
    ] {
        let error = Navet::new(serde_json::from_str(text).unwrap()).err().unwrap();
        assert!(error.kind == ErrorKind::Config && error.message.contains(word), "{word}: {error:?}");
    }
    let text = r#"{"interface":"soap","connection":"c","organisation":"202100-4748","order":"00000236-FO01-0001"}"#;
    assert!(Navet::new(serde_json::from_str(text).unwrap()).is_ok());
}
