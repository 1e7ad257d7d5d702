//! The people of the register: numbers that Skatteverket publishes for tests, and names that nobody has.

/// How a person's data is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protected {
    /// Not at all.
    No,
    /// By a mark that warns.
    SecrecyMarking,
    /// By a registration elsewhere.
    Registration,
}

/// A person, or a number that somebody had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The number.
    pub number: String,
    /// The numbers that the post refers to.
    pub references: Vec<&'static str>,
    /// How the data is protected.
    pub protected: Protected,
    /// Which of the first names is used.
    pub name_mark: &'static str,
    /// The first names.
    pub first_names: &'static str,
    /// The middle name, if there is one.
    pub middle_name: Option<&'static str>,
    /// The surname.
    pub surname: &'static str,
    /// Why the person left the register, and on which day.
    pub gone: Option<(&'static str, &'static str)>,
    /// The codes of county and municipality.
    pub municipality: (&'static str, &'static str),
    /// The state of a coordination number.
    pub status: Option<&'static str>,
    /// Street, postal code and town.
    pub address: Option<(&'static str, &'static str, &'static str)>,
}

/// A number without a post.
pub const NOBODY: &str = "198003662395";
/// Two first names with a hyphen, of which two parts are used.
pub const SVANTE: &str = "194107086995";
/// A middle name, and no mark.
pub const ELSA: &str = "193801248471";
/// Dead.
pub const DEAD: &str = "198602212394";
/// Emigrated.
pub const EMIGRATED: &str = "194106279161";
/// With a secrecy marking.
pub const MARKED: &str = "196608253081";
/// Registered elsewhere than at home.
pub const HIDDEN: &str = "195003072260";
/// Came with a coordination number.
pub const NEWCOMER: &str = "198602102389";
/// The coordination number that the newcomer had.
pub const FORMER: &str = "197010632391";
/// A personal number that was replaced by Elsa's.
pub const REPLACED: &str = "196709132887";
/// A coordination number that is dormant.
pub const DORMANT: &str = "196109732393";

impl Person {
    /// Somebody about whom there is nothing special.
    pub fn plain(number: &str) -> Person {
        Person {
            number: number.to_owned(),
            references: Vec::new(),
            protected: Protected::No,
            name_mark: "10",
            first_names: "Prov",
            middle_name: None,
            surname: "Provsson",
            gone: None,
            municipality: ("14", "27"),
            status: None,
            address: Some(("PROVGATAN 1", "45631", "KUNGSHAMN")),
        }
    }
}

/// Everybody.
pub fn people() -> Vec<Person> {
    vec![
        Person {
            name_mark: "12", first_names: "Sven-Åke Björn", surname: "Öberg & Lööf", ..Person::plain(SVANTE)
        },
        Person {
            name_mark: "",
            first_names: "Elsa Renée",
            middle_name: Some("Ärlig"),
            surname: "Fjäll",
            references: vec![REPLACED],
            ..Person::plain(ELSA)
        },
        Person { gone: Some(("AV", "20191012")), first_names: "Död Person", ..Person::plain(DEAD) },
        Person { gone: Some(("UV", "20200229")), address: None, ..Person::plain(EMIGRATED) },
        Person { protected: Protected::SecrecyMarking, surname: "Hemlig", ..Person::plain(MARKED) },
        Person { protected: Protected::Registration, surname: "Dold", ..Person::plain(HIDDEN) },
        Person { references: vec![FORMER], name_mark: "20", first_names: "Ny Kommen", ..Person::plain(NEWCOMER) },
        Person {
            references: vec![NEWCOMER],
            gone: Some(("GS", "20210101")),
            status: Some("STÄNGT"),
            address: None,
            ..Person::plain(FORMER)
        },
        Person { references: vec![ELSA], gone: Some(("GN", "19990102")), address: None, ..Person::plain(REPLACED) },
        Person { status: Some("VILANDEFÖRKLARAT"), address: None, ..Person::plain(DORMANT) },
    ]
}
