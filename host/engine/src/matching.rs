//! What makes two persons look like one, and what tells them apart for certain.

use crate::numbers::{self, Number, NumberKind};
use crate::person::Person;

/// A digest of names and birth date, as they are compared; none where one of them is not known.
pub fn hint(person: &Person) -> Option<i64> {
    let birth = numbers::birth_date(&person.number)?;
    let (given, surname) = (folded(&person.name.given), folded(&person.name.surname));
    if given.is_empty() || surname.is_empty() {
        return None;
    }
    let hash = blake3::hash(format!("{given}\n{surname}\n{birth}").as_bytes());
    let bytes = hash.as_bytes().first_chunk()?;
    Some(i64::from_le_bytes(*bytes))
}

/// Whether two persons with these numbers may be one. Numbers that are given for good, and are both of the same kind,
/// tell them apart.
pub fn may_be_same(a: &[Number], b: &[Number]) -> bool {
    let lasting =
        |numbers: &[Number], kind| numbers.iter().any(|number| number.kind == kind && number.problem.is_none());
    ![NumberKind::Personal, NumberKind::Coordination].into_iter().any(|kind| lasting(a, kind) && lasting(b, kind))
}

/// A name without case, accents, hyphens and blanks: people write them in many ways.
fn folded(name: &str) -> String {
    any_ascii::any_ascii(name)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{hint, may_be_same};
    use crate::numbers::parse;
    use crate::person::{Person, PersonId, PersonName, Protection};
    use jiff::civil::date;

    fn person(number: &str, given: &str, surname: &str) -> Person {
        Person {
            id: PersonId(1),
            number: number.to_owned(),
            name: PersonName { given: given.into(), surname: surname.into(), ..PersonName::default() },
            protection: Protection::None,
            extra: Vec::new(),
            engagements: Vec::new(),
        }
    }

    #[test]
    fn names_are_compared_as_people_would() {
        let own = hint(&person("20150101TF01", "Åsa-Lena", "Öberg Lööf"));
        assert!(own.is_some());
        assert_eq!(hint(&person("201501012395", "ÅSA LENA", "Oberg-Loof")), own);
        assert_eq!(hint(&person("201501612397", "Åsa-Lena", "Öberg-Lööf")), own, "a coordination number");
        assert_ne!(hint(&person("201501022394", "Åsa-Lena", "Öberg-Lööf")), own);
        assert_ne!(hint(&person("201501012395", "Åsa", "Öberg-Lööf")), own);
        assert_eq!(hint(&person("", "Åsa-Lena", "Öberg-Lööf")), None);
        assert_eq!(hint(&person("201501012395", "", "Öberg-Lööf")), None);
    }

    #[test]
    fn two_lasting_numbers_are_two_persons() {
        let day = date(2026, 11, 23);
        let same = |a: &str, b: &str| may_be_same(&[parse(a, day)], &[parse(b, day)]);
        assert!(!same("198001022386", "194107086995"));
        assert!(same("20150101TF01", "201501012395"));
        assert!(same("197010632391", "194107086995"), "a coordination number is replaced one day");
        assert!(same("20150101TF01", "20150101TF02"));
        assert!(same("198001022387", "198001022386"), "one with a wrong check digit");
        assert!(may_be_same(&[], &[parse("198001022386", day)]));
    }
}
