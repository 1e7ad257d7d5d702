//! The three formats: they agree on everybody, and whatever bytes come, nobody is harmed.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use sluss_plugin_navet::number::Number;
use sluss_plugin_navet::post::{Post, Reading};
use sluss_plugin_navet::protection::Protection;
use sluss_plugin_navet::termdata::{Entry, Terms};
use sluss_plugin_navet::text::Encoding;
use sluss_plugin_navet::{person, rest, soap, termdata};
use sluss_sdk::{Attribute, Error};
use sluss_test_servers::navet::people::{self, Person, Protected};
use sluss_test_servers::navet::write;

const PLAIN: Reading = Reading { addresses: true, silence: false };

/// Reads what stands in a document.
type Read = fn(&[u8], Reading) -> Vec<Post>;

fn xml(posts: &[Person], plain: bool) -> Vec<u8> {
    let posts: String = posts.iter().map(|person| person.xml(plain)).collect();
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S='s'><S:Body><p:PersonpostXMLResponse xmlns:p='p'>\
         <p:Folkbokforingsposter>{posts}</p:Folkbokforingsposter></p:PersonpostXMLResponse></S:Body></S:Envelope>"
    )
    .into_bytes()
}

fn json(posts: &[Person]) -> Vec<u8> {
    let posts: Vec<_> = posts.iter().map(Person::json).collect();
    serde_json::json!({"folkbokforingsposter": posts, "fel": [], "status": 200}).to_string().into_bytes()
}

fn by_soap(bytes: &[u8], reading: Reading) -> Vec<Post> {
    match soap::read(bytes, reading) {
        Ok(soap::Answer::Posts(posts)) => posts.into_iter().flatten().collect(),
        Ok(soap::Answer::Fault(_)) | Err(_) => Vec::new(),
    }
}

fn by_rest(bytes: &[u8], reading: Reading) -> Vec<Post> {
    rest::read(bytes, reading).map(|answer| answer.posts.into_iter().flatten().collect()).unwrap_or_default()
}

fn entries(bytes: &[u8], encoding: Encoding, reading: Reading) -> Result<(Vec<Entry>, bool), Error> {
    let own = write::TERMS.map(|(name, code)| (name.to_owned(), code.to_owned())).into();
    let mut entries = Vec::new();
    let is_whole = termdata::read(bytes, encoding, &Terms::new(&own).unwrap(), reading, |entry| {
        entries.push(entry);
        Ok(())
    })?;
    Ok((entries, is_whole))
}

fn by_file(bytes: &[u8], reading: Reading) -> Vec<Post> {
    let (entries, _) = entries(bytes, Encoding::Utf8, reading).unwrap_or_default();
    let posts = entries.into_iter();
    posts.filter_map(|entry| if let Entry::Post(post) = entry { Some(*post) } else { None }).collect()
}

fn told(posts: &[Post], number: &str) -> Vec<Attribute> {
    let number = Number::read(number).unwrap();
    let mut own = posts.iter().filter(|post| post.number == number);
    let attributes = person::attributes(&number, own.next().unwrap()).unwrap();
    assert!(own.next().is_none());
    attributes
}

#[track_caller]
fn agree(all: &[Person], plain: bool, reading: Reading) {
    let soap = by_soap(&xml(all, plain), reading);
    let rest = by_rest(&json(all), reading);
    let file = by_file(write::file(all, plain).as_bytes(), reading);
    for Person { number, .. } in all {
        let told_by_soap = told(&soap, number);
        assert_eq!(told_by_soap, told(&rest, number));
        assert_eq!(told_by_soap, told(&file, number));
    }
}

#[test]
fn the_formats_agree_on_everybody() {
    let all = people::people();
    agree(&all, true, PLAIN);
    agree(&all, true, Reading::default());
    agree(&all, false, Reading { silence: true, addresses: true });
}

#[test]
fn letters_of_a_file_are_those_of_its_encoding() {
    let text = write::file(&people::people()[..1], true);
    let ansi: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let (ansi_entries, is_whole) = entries(&ansi, Encoding::Windows1252, PLAIN).unwrap();
    assert_eq!((&ansi_entries, is_whole), (&entries(text.as_bytes(), Encoding::Utf8, PLAIN).unwrap().0, true));
    assert!(matches!(ansi_entries[0], Entry::Post(_)));
    for (bytes, encoding) in [(ansi.as_slice(), Encoding::Utf8), (text.as_bytes(), Encoding::Windows1252)] {
        let (entries, _) = entries(bytes, encoding, PLAIN).unwrap();
        assert!(matches!(&entries[0], Entry::Flawed { number: Some(_), line: 2 }), "{entries:?}");
    }
}

#[test]
fn a_file_that_was_cut_off_is_not_whole() {
    let text = write::file(&people::people(), true);
    let cut = text.len() - 40;
    let (entries, is_whole) = entries(&text.as_bytes()[..cut], Encoding::Utf8, PLAIN).unwrap();
    assert!(!is_whole && matches!(entries.last(), Some(Entry::Flawed { number: Some(_), .. })));
    assert!(entries[..entries.len() - 1].iter().all(|entry| matches!(entry, Entry::Post(_))));
}

#[test]
fn a_post_that_says_two_things_is_flawed() {
    let text = write::file(&people::people()[..1], true);
    let twice = text.replace("#UP 01003 N", "#UP 01003 N\r\n#UP 01003 J");
    let (entries, _) = entries(twice.as_bytes(), Encoding::Utf8, PLAIN).unwrap();
    assert!(matches!(&entries[0], Entry::Flawed { number: Some(_), .. }));
}

#[test]
fn something_else_is_no_file_of_terms() {
    for bytes in [b"".as_slice(), b"PERSONNR;FORNAMN\r\n", b"<xml/>", &[b'x'; 100_000]] {
        assert!(entries(bytes, Encoding::Utf8, PLAIN).is_err());
    }
}

/// Whatever single letter goes or changes, nobody who is protected becomes unprotected.
#[test]
fn no_slip_of_a_letter_uncovers_anybody() {
    let all: Vec<Person> = people::people().into_iter().filter(|person| person.protected != Protected::No).collect();
    for person in all {
        let one = std::slice::from_ref(&person);
        let documents: [(Vec<u8>, Read); 3] =
            [(xml(one, true), by_soap), (json(one), by_rest), (write::file(one, true).into_bytes(), by_file)];
        for (document, read) in documents {
            assert_eq!(read(&document, PLAIN).len(), 1);
            for at in 0..document.len() {
                let mut changed = document.clone();
                changed[at] = b'x';
                let mut shorter = document.clone();
                shorter.remove(at);
                for damaged in [changed, shorter] {
                    let posts = read(&damaged, PLAIN);
                    assert!(posts.iter().all(|post| post.protection != Protection::None && post.address.is_none()));
                }
            }
        }
    }
}

fn anybody() -> impl Strategy<Value = Person> {
    let names = select(vec!["Åsa", "A & B <c>", "O'Brien", "\"Q\"", "Anna-Lisa Ö", "é", "&amp;", "N1 N2-N3 N4", "]]>"]);
    let numbers = select(people::people());
    let gone = select(vec![None, Some(("AV", "20191012")), Some(("UV", "2020-02-29")), Some(("GN", "20210000"))]);
    let protected = select(vec![Protected::No, Protected::SecrecyMarking, Protected::Registration]);
    (numbers, names.clone(), names, select(vec!["", "10", "12", "00", "99", "x"]), gone, protected).prop_map(
        |(person, first_names, surname, name_mark, gone, protected)| Person {
            first_names,
            surname,
            name_mark,
            gone,
            protected,
            ..person
        },
    )
}

/// What happens to bytes on their way.
#[derive(Debug, Clone)]
enum Damage {
    Put(Index, u8),
    Cut(Index, Index),
    Repeat(Index, Index),
    Insert(Index, &'static str),
}

fn damage() -> impl Strategy<Value = Damage> {
    let pieces =
        select(vec!["<", ">", "&#0;", "<![CDATA[", "<!DOCTYPE a>", "{", "[[[[", "\"", "\\u", "#POST_START\n", "\r\n"]);
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Put(at, byte)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Cut(from, to)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Repeat(from, to)),
        (any::<Index>(), pieces).prop_map(|(at, piece)| Damage::Insert(at, piece)),
    ]
}

fn damaged(mut bytes: Vec<u8>, all: &[Damage]) -> Vec<u8> {
    for damage in all {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        let range = |from: &Index, to: &Index| {
            let (from, to) = (from.index(length), to.index(length));
            from.min(to)..from.max(to)
        };
        match damage {
            Damage::Put(at, byte) => bytes[at.index(length)] = *byte,
            Damage::Cut(from, to) => drop(bytes.drain(range(from, to))),
            Damage::Repeat(from, to) => bytes.extend_from_within(range(from, to)),
            Damage::Insert(at, piece) => {
                let at = at.index(length);
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
    bytes
}

/// Reads bytes in every way. Whatever comes out can be told.
fn read_all(bytes: &[u8]) {
    for reading in [PLAIN, Reading { silence: true, addresses: true }] {
        for post in [by_soap(bytes, reading), by_rest(bytes, reading), by_file(bytes, reading)].concat() {
            let _ = person::attributes(&post.number, &post);
            assert!(post.protection == Protection::None || post.address.is_none());
        }
    }
    let _ = entries(bytes, Encoding::Windows1252, PLAIN);
}

proptest! {
    #[test]
    fn the_formats_agree_on_anybody(person in anybody()) {
        agree(&[person], true, PLAIN);
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        read_all(&bytes);
    }

    #[test]
    fn damaged_answers_are_read_without_harm(
        person in anybody(),
        which in 0..3,
        damages in prop::collection::vec(damage(), 1..8),
    ) {
        let one = std::slice::from_ref(&person);
        let bytes = match which {
            0 => xml(one, false),
            1 => json(one),
            _ => write::file(one, false).into_bytes(),
        };
        read_all(&damaged(bytes, &damages));
    }
}
