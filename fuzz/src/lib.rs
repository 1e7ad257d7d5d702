//! What the targets share: inputs taken apart, folders in memory, and what holds of whatever a source gives.

pub mod navet;
pub mod people;

use serde::de::DeserializeOwned;
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{Cell, Cursor, Date, Error, Fingerprint, Fingerprints, Page, Rest, Row, Source, Value};
use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

/// Stands between the parts of an input: no text has it.
const BETWEEN: u8 = 0x1e;

/// More pages than any input makes.
const MOST_PAGES: usize = 100_000;

/// The first byte of an input, by which a target chooses, and the rest.
pub fn choice(input: &[u8]) -> (u8, &[u8]) {
    input.split_first().map_or((0, input), |(first, rest)| (*first, rest))
}

/// The parts of an input; empty ones where it has fewer.
pub fn parts<const N: usize>(input: &[u8]) -> [&[u8]; N] {
    let mut parts = input.splitn(N, |byte| *byte == BETWEEN);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// A folder with these files.
pub fn folder(files: &[(&str, &[u8])]) -> Folder {
    let memory = Memory::default();
    files.iter().for_each(|(name, content)| memory.put(name, *content));
    Folder::in_memory(&memory)
}

/// An encoding of delimited files, as their settings call it, chosen by two bits.
pub fn encoding(choice: u8) -> &'static str {
    ["utf-8", "windows-1252", "iso-8859-1", "utf-16"][usize::from(choice & 3)]
}

/// The settings of a connector, as a target writes them.
pub fn settings<T: DeserializeOwned>(written: serde_json::Value) -> T {
    serde_json::from_value(written).expect("a target's settings are those of the connector")
}

/// A reader that gives no more than so many bytes at once.
pub struct Pieces<'b> {
    rest: &'b [u8],
    most: usize,
}

impl<'b> Pieces<'b> {
    /// A reader of these bytes.
    pub fn new(bytes: &'b [u8], most: u8) -> Self {
        Pieces { rest: bytes, most: usize::from(most).max(1) }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.most);
        self.rest.read(&mut into[..most])
    }
}

/// A whole read, and each page as it should be.
pub fn whole(source: &mut impl Source, class: &str, max: u32) -> Result<Page, Error> {
    together(max, |from| source.read(class, from, max))
}

/// The same, each page by a connector that knows nothing but the cursor.
pub fn whole_anew<S: Source>(make: impl Fn() -> S, class: &str, max: u32) -> Result<Page, Error> {
    together(max, |from| make().read(class, from, max))
}

/// All pages of a read, each as it should be.
pub fn together(max: u32, mut read: impl FnMut(Option<Cursor>) -> Result<Page, Error>) -> Result<Page, Error> {
    let mut all = read(None)?;
    sound(&all, max);
    for _ in 0..MOST_PAGES {
        let Rest::More(cursor) = all.rest.clone() else { return Ok(all) };
        let page = read(Some(cursor))?;
        sound(&page, max);
        assert!(page.columns == all.columns, "the columns of a read stay the same");
        all.rows.extend(page.rows);
        all.faults.extend(page.faults);
        all.rest = page.rest;
    }
    panic!("a read goes on for ever");
}

/// What holds of every page.
pub fn sound(page: &Page, max: u32) {
    assert!(page.rows.len() <= max as usize, "a page is no longer than was asked for");
    let columns: HashSet<&String> = page.columns.iter().collect();
    assert!(columns.len() == page.columns.len(), "every column has a name of its own");
    page.rows.iter().for_each(|row| sound_row(row, page.columns.len()));
}

fn sound_row(row: &Row, columns: usize) {
    assert!(!row.id.is_empty() && row.cells.len() == columns, "a record has an id and all its cells");
    row.cells.iter().for_each(|cell| match cell {
        Cell::Absent => {}
        Cell::One(value) => sound_value(value),
        Cell::Many(values) => values.iter().for_each(sound_value),
    });
}

/// What holds of every value.
pub fn sound_value(value: &Value) {
    match value {
        Value::Date(Date { year, month, day }) => assert!(Date::new(*year, *month, *day).is_ok(), "a day that is none"),
        Value::Real(number) => assert!(number.is_finite(), "a number that is none"),
        _ => {}
    }
}

/// A source that reads files says the same however it is asked: in smaller pages, by a connector that knows nothing but
/// the cursor, or by fingerprints. Which of these is tried is for the input to choose: all of them would take three times
/// as long.
pub fn reads_alike<S: Fingerprints>(make: impl Fn() -> S, class: &str, way: u8) -> Result<Page, Error> {
    let page = whole(&mut make(), class, u32::MAX);
    if let Ok(page) = &page {
        let ids: HashSet<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
        for fault in page.faults.iter().filter(|fault| fault.message.ends_with("it is passed over")) {
            let id = fault.object.as_deref().and_then(|object| object.rsplit_once(" (line "));
            assert!(id.is_some_and(|(id, _)| ids.contains(id)), "a line is passed over for one that is not given");
        }
    }
    let max = 1 + u32::from(way / 3 % 4);
    match way % 3 {
        0 => assert_eq!(whole(&mut make(), class, max), page),
        1 => assert_eq!(whole_anew(&make, class, max), page),
        _ => match (&page, picked(&mut make(), class, max)) {
            (Ok(page), Ok((fingerprints, picked))) => {
                assert_eq!((&picked.rows, &picked.rest), (&page.rows, &page.rest));
                assert!(fingerprints.len() == page.rows.len() + picked.faults.len());
                // A line that the file breaks off in has no fingerprint, and is a fault of the page.
                assert!(page.faults.starts_with(&picked.faults));
            }
            (page, picked) => assert!(page.is_err() && picked.is_err()),
        },
    }
    page
}

/// A cursor of which some bits came back otherwise is refused, or leads to some place of the file.
pub fn goes_on_anywhere<S: Fingerprints>(make: impl Fn() -> S, class: &str, slips: &[u8]) {
    let Ok(Page { rest: Rest::More(mut cursor), .. }) = make().read(class, None, 1) else { return };
    cursor.iter_mut().zip(slips).for_each(|(byte, slip)| *byte ^= slip);
    if let Ok(page) = make().read(class, Some(cursor.clone()), 3) {
        sound(&page, 3);
    }
    if let Ok(marks) = make().fingerprints(class, Some(cursor.clone()), 3) {
        let places = (0..marks.fingerprints.len() as u32).collect();
        assert!(
            make().pick(class, Some(cursor), places).is_ok_and(|own| own.records.len() == marks.fingerprints.len())
        );
    }
}

/// A whole read by fingerprints, of which every record is asked for, a few at a time.
fn picked(source: &mut impl Fingerprints, class: &str, max: u32) -> Result<(Vec<Fingerprint>, Page), Error> {
    let (mut seen, mut all, mut cursor) = (Vec::new(), Page::new::<&str>(&[]), None);
    let mut said: HashMap<Fingerprint, Option<Row>> = HashMap::new();
    for _ in 0..MOST_PAGES {
        let marks = source.fingerprints(class, cursor.clone(), max)?;
        let places: Vec<u32> = (0..marks.fingerprints.len() as u32).collect();
        let mut own = marks.fingerprints.iter();
        for places in places.chunks(2) {
            let selection = source.pick(class, cursor.clone(), places.to_vec())?;
            assert!(selection.records.len() == places.len());
            for (record, own) in selection.records.into_iter().zip(&mut own) {
                let known = said.entry(*own).or_insert_with(|| record.as_ref().ok().cloned());
                assert!(known.as_ref() == record.as_ref().ok(), "a fingerprint says one thing");
                match record {
                    Ok(row) => {
                        sound_row(&row, selection.columns.len());
                        all.rows.push(row);
                    }
                    Err(fault) => all.fault(fault),
                }
            }
        }
        seen.extend(marks.fingerprints);
        match marks.rest {
            Rest::More(next) => cursor = Some(next),
            rest => return Ok((seen, Page { rest, ..all })),
        }
    }
    panic!("a read goes on for ever");
}

/// A school's roster says the same in pages of any size, and speaks of nobody and nothing that it does not have.
pub fn roster<R: FnMut(&str, Option<Cursor>, u32) -> Result<Page, Error>>(make: impl Fn() -> R) {
    let (mut at_once, mut by_pages) = (make(), make());
    let pages = ["person", "engagement", "group", "unit"].map(|class| {
        let page = together(u32::MAX, |from| at_once(class, from, u32::MAX));
        assert_eq!(together(3, |from| by_pages(class, from, 3)), page);
        page
    });
    let [Ok(persons), Ok(engagements), Ok(groups), Ok(units)] = &pages else {
        assert!(pages.iter().all(Result::is_err));
        return;
    };
    let [known, engaged, ..] = [persons, engagements, groups, units].map(|page| {
        let ids: HashSet<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
        assert!(ids.len() == page.rows.len(), "two records have the same id");
        ids
    });
    let faulty: HashSet<&str> = persons.faults.iter().filter_map(|fault| fault.object.as_deref()).collect();
    for person in texts(engagements, "person") {
        assert!(known.contains(person) || faulty.contains(person), "an engagement of nobody");
    }
    assert!(texts(groups, "members").iter().all(|member| engaged.contains(member)), "a member without an engagement");
    let codes: HashSet<&str> = texts(units, "code").into_iter().collect();
    for unit in [engagements, groups].into_iter().flat_map(|page| texts(page, "unit")) {
        assert!(codes.contains(unit), "something in a unit that there is not");
    }
}

/// The texts in a column.
fn texts<'p>(page: &'p Page, column: &str) -> Vec<&'p str> {
    let Some(at) = page.columns.iter().position(|own| own == column) else { return Vec::new() };
    let values = page.rows.iter().flat_map(|row| match &row.cells[at] {
        Cell::Absent => &[],
        Cell::One(value) => std::slice::from_ref(value),
        Cell::Many(values) => values.as_slice(),
    });
    values.filter_map(|value| value.as_text().or_else(|| value.as_reference())).collect()
}
