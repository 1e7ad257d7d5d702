//! What the population register knows of staff and pupils, as the file of terms that it sends.
//!
//! It knows everybody by an identity number, so whoever has a temporary one alone is not in it. It plainly says of each
//! whether the identity is protected.

use encoding_rs::WINDOWS_1252;

use crate::population::Population;
use crate::pupil::Mark;
use crate::pupils::Pupils;
use crate::terms;

/// What the file is called, in a folder of its own.
pub const REGISTER_FILE: &str = "navet/navet.txt";

impl Pupils {
    /// The register's word on this staff and on the pupils, in Windows-1252.
    pub fn register(&self, staff: &Population) -> Vec<u8> {
        let employed = (0..staff.persons()).map(|index| {
            let person = staff.person(index);
            let mark = person.protected.then_some(Mark::Secrecy);
            let term = if person.number.is_coordination() { terms::COORDINATION } else { terms::NUMBER };
            let name = [&*person.mark, &person.given, &person.middle, &person.family];
            post(term, &person.number.to_string(), mark, name)
        });
        let pupils = self.numbered().map(|(number, pupil)| {
            let name = [&*pupil.name.mark, &pupil.name.given, &pupil.name.middle, &pupil.name.family];
            post(terms::NUMBER, &number.to_string(), pupil.mark, name)
        });
        WINDOWS_1252.encode(&terms::file(employed.chain(pupils))).0.into_owned()
    }
}

fn post(term: &str, number: &str, mark: Option<Mark>, [name_mark, first, middle, family]: [&str; 4]) -> String {
    let yes = |own: Mark| if mark == Some(own) { "J" } else { "N" };
    terms::post([
        (term, number),
        (terms::SECRECY, yes(Mark::Secrecy)),
        (terms::REGISTRATION, yes(Mark::Registration)),
        (terms::NAME_MARK, name_mark),
        (terms::FIRST_NAMES, first),
        (terms::MIDDLE_NAME, middle),
        (terms::FAMILY_NAME, family),
    ])
}
