//! Pupils: the files as somebody else reads them, the same for the same seed, and nobody twice.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeSet, HashSet};

use encoding_rs::WINDOWS_1252;
use sluss_people::{
    EXTENS_FILE, Identity, MAX_PUPILS, Mark, Number, PROCAPITA_FILES, Population, Pupil, Pupils, REGISTER_FILE, System,
    number,
};

fn demonstration() -> (Population, Pupils) {
    let staff = Population::new(1, 300);
    let pupils = Pupils::beside(&staff, 1_040);
    (staff, pupils)
}

/// The rows of a file of Procapita, without the header.
fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.ends_with("\r\n") && text.matches('\n').count() == text.matches("\r\n").count());
    let mut rows = text.lines().map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>());
    let columns = rows.next().unwrap().len();
    rows.inspect(|row| assert_eq!(row.len(), columns, "{row:?}")).collect()
}

/// What stands between two texts, each time.
fn between<'t>(text: &'t str, start: &'t str, end: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(start).skip(1).map(move |rest| rest.split(end).next().unwrap())
}

fn everybody(pupils: &Pupils) -> Vec<Pupil> {
    System::ALL.into_iter().flat_map(|system| pupils.of(system)).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let of = |seed| {
        let staff = Population::new(seed, 200);
        let pupils = Pupils::beside(&staff, 100);
        let [told, units, groups, members] = pupils.procapita();
        ([told, pupils.extens(), pupils.register(&staff)], [units, groups, members])
    };
    let ((persons, schools), (others, the_same)) = (of(9), of(10));
    assert_eq!(of(9), (persons.clone(), schools.clone()));
    // Schools and classes are the same for every seed; who is in them is not.
    assert_eq!(schools, the_same);
    assert!(persons.iter().zip(&others).all(|(one, other)| one != other));
}

#[test]
fn every_file_is_written_to_a_folder() {
    let folder = std::env::temp_dir().join(format!("sluss-pupils-{}", std::process::id()));
    let staff = Population::new(2, 50);
    let pupils = Pupils::beside(&staff, 40);
    pupils.write_to(&folder, &staff).unwrap();
    let written = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(PROCAPITA_FILES.map(written), pupils.procapita());
    assert_eq!([EXTENS_FILE, REGISTER_FILE].map(written), [pupils.extens(), pupils.register(&staff)]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn procapita_tells_every_pupil_of_its_municipality() {
    let (_, pupils) = demonstration();
    let [told, units, groups, members] = pupils.procapita().map(|file| rows(&file));
    let known = pupils.of(System::Procapita);
    assert_eq!(told.len(), known.len());
    for (row, pupil) in told.iter().zip(&known) {
        let of = |at: usize| row[at].as_str();
        assert_eq!((of(7), of(8), of(9)), (&*pupil.given, &*pupil.family, &*pupil.identity.to_string()));
        assert_eq!((of(3), of(4), of(5)), ("2026-08-18", "2027-06-11", &*pupil.place.class));
        assert!(pupil.place.year.is_none_or(|year| row[6] == year.to_string()), "{row:?}");
        assert!(row[19..].iter().filter(|number| !number.is_empty()).all(|number| Number::parse(number).is_some()));
    }
    let ids = |rows: &[Vec<String>]| rows.iter().map(|row| row[0].clone()).collect::<BTreeSet<_>>();
    let (units, groups) = (ids(&units), ids(&groups));
    assert!(told.iter().all(|row| units.contains(&row[1])));
    assert!(members.len() == told.len() && members.iter().all(|row| groups.contains(&row[1])));
}

#[test]
fn extens_tells_every_pupil_of_its_municipality() {
    let (_, pupils) = demonstration();
    let text = &String::from_utf8(pupils.extens()).unwrap();
    let known = pupils.of(System::Extens);
    assert_eq!(text.matches("roletype=\"Student\"").count(), known.len());
    assert_eq!(text.matches("<membership>").count(), known.len());
    let guardians: usize = known.iter().map(|pupil| pupil.guardians.len()).sum();
    assert_eq!(text.matches("<carerrelationship ").count(), guardians);
    for (person, pupil) in between(text, "<person ", "</person>").filter(|one| one.contains("Student")).zip(&known) {
        let number = pupil.identity.to_string();
        assert!(person.contains(&format!("<ssn>{}-{}</ssn>", &number[..8], &number[8..])));
        assert!(person.contains(&format!("<family>{}</family><given>{}</given>", pupil.family, pupil.given)));
    }
    let classes: BTreeSet<&str> =
        between(text, "<group ", "</group>").filter_map(|one| between(one, "<id>", "</id>").next()).collect();
    let mut joined =
        between(text, "<membership>", "</membership>").filter_map(|one| between(one, "<id>", "</id>").next());
    assert!(joined.all(|class| classes.contains(class)));
    for tag in ["person", "group", "membership", "member", "extension", "enterprise"] {
        let opened = text.matches(&format!("<{tag}>")).count() + text.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, text.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn the_register_knows_everybody_by_a_number_once_and_nobody_else() {
    let (staff, pupils) = demonstration();
    let bytes = pupils.register(&staff);
    let (text, _, malformed) = WINDOWS_1252.decode(&bytes);
    assert!(!malformed && text.starts_with("#FILTYP PROV\r\n") && text.ends_with("#SLUT\r\n"));
    let told: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("#UP 0100")).map(|line| &line[2..]).collect();
    let numbers: Vec<&str> = told.iter().filter(|value| value.len() == 12).copied().collect();
    let known: BTreeSet<String> = everybody(&pupils)
        .iter()
        .filter_map(|pupil| pupil.identity.lasting())
        .chain((0..staff.persons()).map(|index| staff.number(index)))
        .map(|number| number.to_string())
        .collect();
    assert_eq!(numbers.len(), known.len());
    assert_eq!(numbers.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), known);
    assert!(!text.contains("TF"));
    for post in between(&text, "#POST_START\r\n", "#POST_SLUT") {
        assert_eq!(post.matches("#UP 01003 ").count() + post.matches("#UP 01020 ").count(), 2, "a mark is missing");
    }
    assert_eq!(text.matches("#UP 01020 J").count(), 1);
    assert_eq!(text.matches("#UP 01003 J").count(), 1 + staff.protected().count());
}

#[test]
fn nobody_is_both_staff_and_pupil_but_the_adults() {
    let staff = Population::new(5, sluss_people::MAX_STAFF_BESIDE_PUPILS);
    let pupils = Pupils::beside(&staff, MAX_PUPILS);
    let employed: HashSet<Number> = (0..staff.persons()).map(|index| staff.number(index)).collect();
    let mut seen = BTreeSet::new();
    for pupil in everybody(&pupils) {
        let number = pupil.identity.lasting();
        assert!(seen.insert((pupil.identity.lasting().is_none().then_some(pupil.system), pupil.identity)), "{pupil:?}");
        let is_adult = pupil.place.year.is_none();
        assert_eq!(number.is_some_and(|number| employed.contains(&number)), is_adult, "{pupil:?}");
    }
    assert_eq!(seen.len(), MAX_PUPILS as usize + 4);
}

#[test]
fn every_number_is_published_and_a_year_in_school_is_a_year_of_birth() {
    let (_, pupils) = demonstration();
    let published: HashSet<&Number> = number::published().iter().collect();
    for pupil in (0..pupils.count()).map(|index| pupils.pupil(index)) {
        let born: i16 = pupil.identity.to_string()[..4].parse().unwrap();
        let year = pupil.place.year.unwrap() as i16;
        // The first temporary number of each municipality is the same, of pupils of one year.
        assert_eq!(born, 2008 - year, "{pupil:?}");
        assert!(pupil.identity.lasting().is_none_or(|number| published.contains(&number)));
        assert!(pupil.guardians.iter().all(|one| Number::parse(&one.number.to_string()).is_some()));
        assert!(!pupil.guardians.is_empty());
    }
}

#[test]
fn the_demonstration_holds_every_kind_of_pupil() {
    let (staff, pupils) = demonstration();
    let all = everybody(&pupils);
    let marks: Vec<(System, Mark)> = all.iter().filter_map(|pupil| Some((pupil.system, pupil.mark?))).collect();
    assert_eq!(marks, [(System::Procapita, Mark::Secrecy), (System::Extens, Mark::Registration)]);
    let temporary = System::ALL.map(|system| pupils.temporary(system).count());
    assert_eq!(temporary, [7, 7]);
    let first = System::ALL.map(|system| pupils.temporary(system).next().unwrap());
    assert_eq!(first[0].identity, first[1].identity, "the same temporary number in both municipalities");
    assert_ne!((&first[0].given, &first[0].family), (&first[1].given, &first[1].family));
    let employed: HashSet<Number> = (0..staff.persons()).map(|index| staff.number(index)).collect();
    assert!(all.iter().any(|pupil| pupil.guardians.iter().any(|one| employed.contains(&one.number))));
    assert_eq!(all.iter().filter(|pupil| pupil.place.year.is_none()).count(), 4);
    let classes: BTreeSet<_> = all.iter().map(|pupil| (pupil.system, pupil.place.school, &pupil.place.class)).collect();
    assert_eq!(classes.len(), 2 * (2 * 6 * 2 + 3 * 3 + 1));
    let ordinary: HashSet<u32> =
        System::ALL.into_iter().flat_map(|system| pupils.ordinary(system)).map(|pupil| pupil.index).collect();
    let others = (0..pupils.count())
        .map(|index| pupils.pupil(index))
        .filter(|pupil| !ordinary.contains(&pupil.index) && pupil.mark.is_none() && pupil.identity.lasting().is_some());
    assert!((1..=5).contains(&others.count()), "a few have another name in the register");
}

#[test]
fn a_registered_pupil_has_a_number_born_on_the_same_day_and_the_register_knows_it() {
    let (staff, before) = demonstration();
    let pupil = before.temporary(System::Procapita).next().unwrap();
    let after = before.clone().registered(pupil.index);
    let mut now = after.pupil(pupil.index);
    let number = now.identity.lasting().unwrap();
    assert_eq!(number.to_string()[..8], pupil.identity.to_string()[..8]);
    now.identity = pupil.identity;
    assert_eq!(now, pupil, "nothing else changed");
    let posts = |pupils: &Pupils| WINDOWS_1252.decode(&pupils.register(&staff)).0.matches("POST_START").count();
    assert_eq!(posts(&after), posts(&before) + 1);
    assert_eq!(after.extens(), before.extens());
}

#[test]
fn whoever_moves_ends_here_and_begins_there_with_a_temporary_number() {
    let (staff, before) = demonstration();
    let pupil = before.ordinary(System::Procapita).next().unwrap();
    let day = staff.day();
    let after = before.clone().moved(pupil.index, day);
    let gone = after.pupil(pupil.index);
    assert_eq!(gone.last, day);
    let there = after.of(System::Extens);
    let arrived = there.last().unwrap();
    assert_eq!(there.len(), before.of(System::Extens).len() + 1);
    assert!(matches!(arrived.identity, Identity::Temporary(_)));
    assert_eq!(arrived.identity.to_string()[..8], pupil.identity.to_string()[..8]);
    assert_eq!((&arrived.given, &arrived.family, arrived.first), (&pupil.given, &pupil.family, day));
    assert_ne!(arrived.id, pupil.id);
}

#[test]
fn few_pupils_and_few_staff_are_enough() {
    for (persons, count) in [(0, 0), (0, 3), (1, 1), (30, 50)] {
        let staff = Population::new(1, persons);
        let pupils = Pupils::beside(&staff, count);
        assert!(pupils.extens().ends_with(b"</enterprise>\n"));
        assert_eq!(rows(&pupils.procapita()[1]).len(), 4);
        assert_eq!(pupils.count(), count);
    }
}
