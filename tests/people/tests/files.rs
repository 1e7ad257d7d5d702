//! The files as somebody else reads them: every line parses, and says what the population says.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use encoding_rs::{UTF_8, WINDOWS_1252};
use jiff::civil::{Date, date};
use sluss_people::{EMPLOYMENT_COLUMNS, Number, Population, UNIT_COLUMNS};

fn day(text: &str) -> Date {
    let part = |range: std::ops::Range<usize>| text[range].parse::<i16>().unwrap();
    assert_eq!(text.len(), 8, "{text}");
    date(part(0..4), part(4..6) as i8, part(6..8) as i8)
}

/// The rows of a file, each as its cells by column, after the checks that hold for every file.
fn rows(bytes: &[u8], columns: &[&str]) -> Vec<HashMap<String, String>> {
    let (text, _, malformed) = WINDOWS_1252.decode(bytes);
    assert!(!malformed);
    assert_eq!(&*WINDOWS_1252.encode(&text).0, bytes, "decoding and encoding again gives the same bytes");
    assert!(!text.contains('"') && text.ends_with("\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let mut lines = text.split_terminator("\r\n").map(|line| line.split(';').collect::<Vec<_>>());
    assert_eq!(lines.next().unwrap(), columns);
    lines
        .map(|cells| {
            assert_eq!(cells.len(), columns.len(), "{cells:?}");
            columns.iter().map(ToString::to_string).zip(cells.into_iter().map(ToOwned::to_owned)).collect()
        })
        .collect()
}

#[test]
fn every_row_parses_and_says_what_the_population_says() {
    let staff = Population::new(7, 900);
    let rows = rows(&staff.employments_csv(), &EMPLOYMENT_COLUMNS);
    let mut rest = rows.iter();
    for index in 0..staff.persons() {
        let person = staff.person(index);
        for employment in staff.employments(index) {
            let row = rest.next().unwrap();
            assert_eq!(Number::parse(&row["PERSONNR"]), Some(person.number));
            assert_eq!(row["FORNAMN"], person.given);
            assert_eq!(row["EFTERNAMN"], person.family);
            assert_eq!(row["ANONYM"] == "J", person.protected);
            assert_eq!(row["BOLAG"], staff.municipality_of(&employment).code);
            assert_eq!(row["ENHETKOD"], staff.units()[employment.unit].code);
            assert_eq!(row["BEFATTNING"], employment.title);
            assert!(row["AID"].len() == 6 || row["CHEF"] == "J", "{row:?}");
            assert!(row["AID"][..6].bytes().all(|byte| byte.is_ascii_digit()));
            assert_eq!(day(&row["ANSTFROM"]), employment.from);
            assert_eq!(Some(row["ANSTTOM"].as_str()).filter(|text| !text.is_empty()).map(day), employment.until);
            assert!(employment.until.is_none_or(|last| employment.from <= last), "{row:?}");
            let (whole, rest) = row["SYSSGRAD"].split_once(',').unwrap();
            assert_eq!(whole.parse::<u32>().unwrap() * 100 + rest.parse::<u32>().unwrap(), employment.extent);
            assert!(employment.extent <= 10_000);
        }
    }
    assert!(rest.next().is_none());
}

#[test]
fn an_employment_number_is_used_once_in_a_municipality() {
    let staff = Population::new(3, 2_000);
    let staff = staff.clone().mover(1_500, 1, staff.day()).second_post(1_501, 2, staff.day()).joiner(staff.day());
    let rows = rows(&staff.employments_csv(), &EMPLOYMENT_COLUMNS);
    let ids: BTreeSet<_> = rows.iter().map(|row| (&row["BOLAG"], &row["ANSTNR"])).collect();
    assert_eq!(ids.len(), rows.len());
}

#[test]
fn units_are_a_tree_whose_managers_work_there() {
    let staff = Population::new(5, 1_000);
    let employed: BTreeMap<_, _> = rows(&staff.employments_csv(), &EMPLOYMENT_COLUMNS)
        .into_iter()
        .map(|row| ((row["BOLAG"].clone(), row["ANSTNR"].clone()), row))
        .collect();
    let mut seen = BTreeSet::new();
    for unit in rows(&staff.units_csv(), &UNIT_COLUMNS) {
        let above = &unit["OVERENHET"];
        assert!(
            above.is_empty() || seen.contains(&(unit["BOLAG"].clone(), above.clone())),
            "above comes first: {unit:?}"
        );
        let manager = &employed[&(unit["BOLAG"].clone(), unit["CHEFANSTNR"].clone())];
        assert_eq!((&manager["PERSONNR"], &manager["CHEF"]), (&unit["CHEFPERSONNR"], &"J".to_owned()));
        assert_eq!(manager["ENHETKOD"], unit["ENHETKOD"]);
        assert!(seen.insert((unit["BOLAG"].clone(), unit["ENHETKOD"].clone())), "twice: {unit:?}");
    }
    assert_eq!(seen.len(), staff.units().len());
}

#[test]
fn nobody_is_above_themselves() {
    let staff = Population::new(11, 1_500);
    let rows = rows(&staff.employments_csv(), &EMPLOYMENT_COLUMNS);
    let above: HashMap<&str, Vec<&str>> = rows.iter().fold(HashMap::new(), |mut above, row| {
        above.entry(row["PERSONNR"].as_str()).or_insert_with(Vec::new).push(row["CHEFPERSONNR"].as_str());
        above
    });
    for start in above.keys() {
        let mut reached: BTreeSet<&str> = above[start].iter().copied().collect();
        let mut next: Vec<&str> = reached.iter().copied().collect();
        while let Some(person) = next.pop() {
            next.extend(above.get(person).into_iter().flatten().copied().filter(|one| reached.insert(one)));
        }
        assert!(!reached.contains(start));
    }
}

#[test]
fn three_hundred_persons_hold_every_kind_of_case() {
    let staff = Population::new(1, 300);
    assert!((20..=40).contains(&staff.find(|_, employments| employments.len() == 2).count()));
    assert!(staff.in_two_municipalities().count() >= 5);
    assert!(staff.with_two().count() > staff.in_two_municipalities().count());
    assert!(staff.starting_later().count() > 0);
    assert!(staff.ended().count() > 0);
    assert!(staff.on_leave().count() > 0);
    assert!((1..=9).contains(&staff.protected().count()));
    assert!(staff.ordinary().count() > 150);
    let names: BTreeSet<_> = (0..300).map(|index| (staff.person(index).given, staff.person(index).family)).collect();
    assert!(names.len() > 250);
    let letters: BTreeSet<char> =
        names.iter().flat_map(|(given, family)| given.chars().chain(family.chars())).collect();
    for letter in "åäöÅÖéüøæßðþ-".chars().filter(|letter| !"ðþæ".contains(*letter)) {
        assert!(letters.contains(&letter), "no {letter}");
    }
}

#[test]
fn every_special_letter_is_in_a_larger_population() {
    let staff = Population::new(1, 3_000);
    let names: String =
        (0..3_000).map(|index| staff.person(index)).map(|one| one.given + &one.middle + &one.family).collect();
    for letter in "åäöÅÄÖéüøØæÆßðÞçñšŽ-'".chars() {
        assert!(names.contains(letter), "no {letter}");
    }
}

#[test]
fn a_file_is_not_utf_8() {
    let bytes = Population::new(1, 300).employments_csv();
    assert!(UTF_8.decode_without_bom_handling_and_without_replacement(&bytes).is_none());
}

#[test]
fn both_files_are_written_to_a_folder() {
    let folder = std::env::temp_dir().join(format!("sluss-people-{}", std::process::id()));
    let staff = Population::new(2, 50);
    staff.write_to(&folder).unwrap();
    assert_eq!(std::fs::read(folder.join(sluss_people::EMPLOYMENTS_FILE)).unwrap(), staff.employments_csv());
    assert_eq!(std::fs::read(folder.join(sluss_people::UNITS_FILE)).unwrap(), staff.units_csv());
    std::fs::remove_dir_all(folder).unwrap();
}
