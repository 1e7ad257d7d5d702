//! The schools of the two municipalities whose pupils are told of, and which class a pupil is in.
//!
//! Each municipality has one school for the years 7 to 9, two for the years 1 to 6, and adult education. Codes and classes
//! are unique within a municipality only: both have a class 4A in a school S2.

use crate::municipality::Municipality;

/// The highest school year.
pub(crate) const YEARS: u32 = 9;

/// The place of adult education among the schools.
pub(crate) const ADULTS: usize = 3;

/// So many pupils are in a class at the most.
const CLASS: u32 = 25;

/// The system that tells of a municipality's pupils.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// Procapita, in Munkedal.
    Procapita,
    /// Extens, in Lysekil.
    Extens,
}

impl System {
    /// Both.
    pub const ALL: [System; 2] = [System::Procapita, System::Extens];

    /// The municipality whose pupils it tells of.
    pub fn municipality(self) -> Municipality {
        Municipality::of(self.code())
    }

    /// The code of that municipality.
    pub fn code(self) -> &'static str {
        match self {
            System::Procapita => "1430",
            System::Extens => "1484",
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> System {
        match self {
            System::Procapita => System::Extens,
            System::Extens => System::Procapita,
        }
    }

    /// The schools of its municipality.
    pub fn schools(self) -> [School; 4] {
        let municipality = self.municipality();
        let place = |at: usize| municipality.places[at % municipality.places.len()];
        [
            School { code: "S1", name: format!("{} högstadium", place(0)) },
            School { code: "S2", name: format!("{} skola", place(0)) },
            School { code: "S3", name: format!("{} skola", place(1)) },
            School { code: "VUX", name: format!("{} vuxenutbildning", municipality.name) },
        ]
    }
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    /// Its code, unique within its municipality.
    pub code: &'static str,
    /// Its name.
    pub name: String,
}

/// Where a pupil is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The place of the school in [`System::schools`].
    pub school: usize,
    /// The school year; none in adult education.
    pub year: Option<u32>,
    /// The class, unique within its school.
    pub class: String,
}

impl Place {
    /// The place of a pupil of the school year `year`: the one of rank `turn` of the `share` in that year.
    pub(crate) fn of(year: u32, turn: u32, share: u32) -> Place {
        let (school, turn, share) = match year {
            7.. => (0, turn, share),
            _ => (1 + turn as usize % 2, turn / 2, share.div_ceil(2)),
        };
        let letter = turn % share.div_ceil(CLASS).max(1);
        let class = format!("{year}{}", char::from(b'A' + letter as u8));
        Place { school, year: Some(year), class }
    }

    /// The place of somebody who learns Swedish in adult education.
    pub(crate) fn adult() -> Place {
        Place { school: ADULTS, year: None, class: "SVA".to_owned() }
    }

    /// The school form, in the systems' own words.
    pub(crate) fn form(&self) -> &'static str {
        if self.year.is_some() { "GR" } else { "VUX" }
    }

    /// The year as it is written.
    pub(crate) fn year_text(&self) -> String {
        self.year.map(|year| year.to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_never_larger_than_it_may_be() {
        for share in [1, 29, 58, 139] {
            for year in 1..=YEARS {
                let mut sizes = std::collections::BTreeMap::new();
                for turn in 0..share {
                    let place = Place::of(year, turn, share);
                    assert!(place.class.starts_with(&year.to_string()) && place.class.is_ascii(), "{place:?}");
                    *sizes.entry((place.school, place.class)).or_insert(0) += 1;
                }
                assert!(sizes.values().all(|size| *size <= CLASS), "{year}: {sizes:?}");
                assert!(sizes.keys().all(|(school, _)| (*school == 0) == (year >= 7)), "{sizes:?}");
            }
        }
    }

    #[test]
    fn two_municipalities_have_the_same_codes_and_other_names() {
        let [one, other] = System::ALL.map(System::schools);
        assert!(one.iter().zip(&other).all(|(one, other)| one.code == other.code && one.name != other.name));
    }
}
