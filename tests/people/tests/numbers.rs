//! Identity numbers: right, different, and the same for the same seed.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use sluss_people::number::{coordination, published};
use sluss_people::{Number, Population};

#[test]
fn the_published_lists_are_whole() {
    let lines = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(published().len(), lines(include_str!("../data/test-numbers.txt")));
    assert_eq!(coordination().len(), lines(include_str!("../data/coordination-numbers.txt")));
    assert_eq!((published().len(), coordination().len()), (24_170, 714));
    assert!(published().iter().all(|number| !number.is_coordination() && (1957..=2007).contains(&number.year())));
    assert!(coordination().iter().all(|number| number.is_coordination()));
}

#[test]
fn a_wrong_check_digit_is_no_number() {
    assert!(Number::parse("198001022386").is_some());
    for wrong in ["198001022387", "98001022386", "1980010223860", "19800102238x", "198010022386", ""] {
        assert_eq!(Number::parse(wrong), None, "{wrong}");
    }
    assert!(Number::parse("198001022386").is_some_and(|number| !number.is_male()));
    assert!(Number::parse("189001029819").is_some_and(|number| number.is_male()));
}

#[test]
fn numbers_are_right_and_nobodys_twice() {
    // Beyond the published ones, so that derived numbers are among them.
    let staff = Population::new(4, 60_000);
    let mut seen = HashSet::new();
    for index in 0..staff.persons() {
        let number = staff.number(index);
        assert_eq!(Number::parse(&number.to_string()), Some(number));
        assert!(seen.insert(number), "{number}");
    }
    let official: HashSet<_> = published().iter().chain(coordination()).collect();
    assert!((0..24_000).all(|index| official.contains(&staff.number(index))));
    assert!(seen.iter().filter(|number| !official.contains(number)).all(|number| number.year() < 1911));
}

#[test]
fn about_one_in_a_hundred_has_a_coordination_number() {
    let staff = Population::new(4, 3_000);
    assert_eq!((0..3_000).filter(|index| staff.number(*index).is_coordination()).count(), 29);
}

#[test]
fn the_largest_population_has_numbers_for_all() {
    let staff = Population::new(1, u32::MAX);
    assert_eq!(staff.persons(), sluss_people::MAX_PERSONS);
    let last = staff.number(staff.persons() - 1);
    assert_eq!(Number::parse(&last.to_string()), Some(last));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |seed| (Population::new(seed, 500).employments_csv(), Population::new(seed, 500).units_csv());
    assert_eq!(bytes(9), bytes(9));
    assert_ne!(bytes(9).0, bytes(10).0);
}
