//! Changes: each touches what it says, and no other row.

#![allow(clippy::unwrap_used)]

use encoding_rs::WINDOWS_1252;
use jiff::ToSpan;
use sluss_people::Population;

fn rows(staff: &Population) -> Vec<String> {
    WINDOWS_1252.decode(&staff.employments_csv()).0.lines().skip(1).map(ToOwned::to_owned).collect()
}

/// The rows that only the first has, and those that only the second has.
fn difference(before: &Population, after: &Population) -> (Vec<String>, Vec<String>) {
    let (before, after) = (rows(before), rows(after));
    let only = |these: &[String], those: &[String]| {
        let those: std::collections::HashSet<_> = those.iter().collect();
        these.iter().filter(|row| !those.contains(row)).cloned().collect()
    };
    (only(&before, &after), only(&after, &before))
}

#[test]
fn a_joiner_is_one_new_row() {
    let before = Population::new(1, 300);
    let after = before.clone().joiner(before.day());
    let (gone, come) = difference(&before, &after);
    assert!(gone.is_empty());
    assert_eq!(come.len(), 1);
    let joined = after.person(after.persons() - 1);
    assert!(come[0].starts_with(&joined.number.to_string()));
    assert_eq!(after.active(joined.index, after.day()).len(), 1);
    assert_eq!(before.units_csv(), after.units_csv());
}

#[test]
fn a_leaver_has_an_end_and_is_not_active_after_it() {
    let before = Population::new(1, 300);
    let person = before.with_two().next().unwrap();
    let after = before.clone().leaver(person, before.day());
    let (gone, come) = difference(&before, &after);
    assert_eq!((gone.len(), come.len()), (2, 2));
    assert_eq!(after.active(person, after.day()).len(), 2);
    assert_eq!(after.active(person, after.day().saturating_add(1.day())).len(), 0);
}

#[test]
fn a_mover_ends_here_and_begins_there() {
    let before = Population::new(1, 300);
    let person = before.ordinary().next().unwrap();
    let home = before.units()[before.employments(person)[0].unit].municipality;
    let to = (home + 1) % 3;
    let after = before.clone().mover(person, to, before.day());
    let (gone, come) = difference(&before, &after);
    assert_eq!((gone.len(), come.len()), (1, 2));
    let active = after.active(person, after.day());
    assert_eq!(active.len(), 1);
    assert_eq!(after.units()[active[0].unit].municipality, to);
    assert!(active[0].main);
}

#[test]
fn a_second_post_is_one_new_row() {
    let before = Population::new(1, 300);
    let person = before.ordinary().next().unwrap();
    let after = before.clone().second_post(person, 2, before.day());
    let (gone, come) = difference(&before, &after);
    assert_eq!((gone.len(), come.len()), (0, 1));
    let active = after.active(person, after.day());
    assert_eq!(active.iter().map(|one| one.main).collect::<Vec<_>>(), [true, false]);
    assert_eq!(after.municipality_of(&active[1]).code, "1484");
}

#[test]
fn a_new_name_is_on_every_row_of_the_person() {
    let before = Population::new(1, 300);
    let person = before.with_two().next().unwrap();
    let after = before.clone().renamed(person, "Strömstedt");
    let (_, come) = difference(&before, &after);
    assert_eq!(come.len(), 2);
    assert!(come.iter().all(|row| row.contains(";Strömstedt;")));
}

#[test]
fn a_hundredth_changed_is_exactly_a_hundredth() {
    let before = Population::new(1, 2_000);
    for (percent, wanted) in [(1, 20), (7, 140), (100, 2_000)] {
        let after = before.clone().changed(percent);
        let (gone, come) = difference(&before, &after);
        assert_eq!((gone.len(), come.len()), (wanted, wanted), "{percent} %");
    }
    let after = before.clone().changed(7);
    let changed: Vec<_> = (0..2_000).filter(|one| before.employments(*one) != after.employments(*one)).collect();
    let moved = |one: &u32| before.employments(*one)[0].unit != after.employments(*one)[0].unit;
    let (units, titles) = changed.iter().partition::<Vec<u32>, _>(|one| moved(one));
    assert!(units.len() > 40 && titles.len() > 40);
}

#[test]
fn fewer_rows_are_as_many_fewer_as_asked_and_keep_the_managers() {
    let before = Population::new(1, 3_000);
    let whole = rows(&before).len();
    let after = before.clone().fewer(80);
    let (gone, come) = difference(&before, &after);
    assert!(come.is_empty());
    assert_eq!(gone.len(), whole * 80 / 100);
    let managers = |rows: &[String]| rows.iter().filter(|row| row.split(';').nth(19) == Some("J")).count();
    assert_eq!(managers(&rows(&before)), managers(&rows(&after)));
    assert_eq!(rows(&before.fewer(100)).len(), 0);
}

#[test]
fn few_persons_and_one_municipality_are_enough() {
    for persons in 0..30 {
        let staff = Population::new(1, persons).municipalities(&["9999"]).changed(100);
        assert_eq!(rows(&staff).len(), (0..persons).map(|one| staff.employments(one).len()).sum::<usize>());
        assert!(staff.in_two_municipalities().next().is_none());
        assert_eq!(rows(&staff.clone().joiner(staff.day())).len(), rows(&staff).len() + 1);
    }
}

#[test]
fn a_population_may_be_smaller_than_its_municipalities() {
    let staff = Population::new(1, 1);
    assert_eq!(rows(&staff).len(), 1);
    let moved = staff.clone().mover(0, 2, staff.day());
    assert_eq!(moved.municipality_of(&moved.active(0, moved.day())[0]).code, "1484");
}
