//! Titles by area of work, each with an AID label.
//!
//! The labels have the national form (six digits, and a letter for responsibility); the families 151, 152 and 207 are
//! real ones, the rest are made up in the same form.

/// A title and its AID label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Title {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its AID label.
    pub(crate) aid: &'static str,
}

const fn title(name: &'static str, aid: &'static str) -> Title {
    Title { name, aid }
}

/// A field that a municipality organises its work in.
pub(crate) struct Area {
    /// The start of its units' codes.
    pub(crate) code: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// What its units are called; `{}` is a place.
    pub(crate) units: &'static [&'static str],
    /// Who leads the area.
    pub(crate) head: Title,
    /// Who leads one of its units.
    pub(crate) lead: Title,
    /// Who works there, the more common twice.
    pub(crate) staff: &'static [Title],
}

/// Who leads the municipality.
pub(crate) const DIRECTOR: Title = title("Kommundirektör", "101010A");

/// The areas, the largest first.
pub(crate) const AREAS: &[Area] = &[
    Area {
        code: "VO",
        name: "Vård och omsorg",
        units: &["Hemtjänst {}", "Äldreboende {}", "Gruppbostad {}", "Hemsjukvård {}"],
        head: title("Förvaltningschef", "102010A"),
        lead: title("Enhetschef", "103030C"),
        staff: &[
            title("Undersköterska", "207011"),
            title("Undersköterska", "207012"),
            title("Vårdbiträde", "207023"),
            title("Sjuksköterska", "206010"),
            title("Stödassistent", "207090"),
        ],
    },
    Area {
        code: "BU",
        name: "Barn och utbildning",
        units: &["{} skola", "{} förskola", "{} fritidshem", "Elevhälsan {}"],
        head: title("Förvaltningschef", "102010A"),
        lead: title("Rektor", "103020C"),
        staff: &[
            title("Lärare", "401010"),
            title("Lärare", "401020"),
            title("Förskollärare", "402010"),
            title("Barnskötare", "403010"),
            title("Elevassistent", "403030"),
        ],
    },
    Area {
        code: "SOC",
        name: "Socialtjänst",
        units: &["Individ och familj {}", "Försörjningsstöd {}", "Öppenvård {}"],
        head: title("Socialchef", "102020A"),
        lead: title("Enhetschef", "103030C"),
        staff: &[
            title("Socialsekreterare", "208010"),
            title("Biståndshandläggare", "151020"),
            title("Behandlingsassistent", "208030"),
        ],
    },
    Area {
        code: "SB",
        name: "Samhällsbyggnad",
        units: &["Gata och park {}", "Fastighet {}", "Måltid {}"],
        head: title("Samhällsbyggnadschef", "102030A"),
        lead: title("Enhetschef", "103040C"),
        staff: &[
            title("Fastighetsskötare", "301010"),
            title("Kock", "302010"),
            title("Måltidsbiträde", "302030"),
            title("Bygglovshandläggare", "151030"),
        ],
    },
    Area {
        code: "KF",
        name: "Kultur och fritid",
        units: &["Bibliotek {}", "Ungdomsgård {}", "Simhall {}"],
        head: title("Kultur- och fritidschef", "102040A"),
        lead: title("Verksamhetschef", "103050C"),
        staff: &[title("Bibliotekarie", "303010"), title("Fritidsledare", "303020"), title("Badvakt", "303030")],
    },
    Area {
        code: "KLF",
        name: "Kommunledning",
        units: &["Kansli {}", "Ekonomi {}", "Personal {}", "IT {}"],
        head: title("Kanslichef", "102050A"),
        lead: title("Enhetschef", "103060C"),
        staff: &[
            title("Handläggare", "151010"),
            title("Administratör", "152010"),
            title("Ekonom", "151050"),
            title("IT-tekniker", "152050"),
        ],
    },
];
