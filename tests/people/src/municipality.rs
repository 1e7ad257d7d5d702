//! The municipalities people work in.
//!
//! The three of the reference case are known with their places, so that the units of the demonstration have names one
//! can find on a map; any other code gets names that fit everywhere.

/// A municipality: one BOLAG in the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Municipality {
    /// The four digits of Statistics Sweden.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Places that units are named after.
    pub(crate) places: &'static [&'static str],
}

impl Municipality {
    /// The municipality of `code`.
    pub fn of(code: &str) -> Self {
        let (name, places): (&str, &[&str]) = match code {
            "1427" => ("Sotenäs", &["Kungshamn", "Hunnebostrand", "Smögen", "Väjern", "Malmön", "Bovallstrand"]),
            "1430" => ("Munkedal", &["Munkedal", "Dingle", "Hällevadsholm", "Hedekas", "Torreby"]),
            "1484" => ("Lysekil", &["Lysekil", "Brastad", "Grundsund", "Fiskebäckskil", "Skaftö"]),
            _ => ("", &["Centrum", "Norra", "Södra", "Östra", "Västra"]),
        };
        let name = if name.is_empty() { format!("Kommun {code}") } else { name.to_owned() };
        Self { code: code.to_owned(), name, places }
    }
}
