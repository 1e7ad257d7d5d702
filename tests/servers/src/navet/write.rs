//! A person as each of the register's three formats writes one.

use super::people::{Person, Protected};
use serde_json::{Value, json};
use sluss_people::terms;

/// The numbers of the terms that have no published number, as the tests choose them.
pub const TERMS: [(&str, &str); 9] = [
    ("references", "09001"),
    ("deregistration-code", "09002"),
    ("deregistered", "09003"),
    ("status", "09004"),
    ("county", "09005"),
    ("municipality", "09006"),
    ("street", "09007"),
    ("postal-code", "09008"),
    ("town", "09009"),
];

impl Person {
    /// The marks of protection: whether the secrecy marking and the protected registration are set.
    fn marks(&self) -> (bool, bool) {
        (self.protected == Protected::SecrecyMarking, self.protected == Protected::Registration)
    }

    /// As `personpostXML` has it. The register leaves a mark out that is not set; with `plain` it says no.
    pub fn xml(&self, plain: bool) -> String {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let element = |name: &str, text: &str| match text {
            "" => String::new(),
            text => format!("<{name}>{}</{name}>", escape(text)),
        };
        let mark = |name: &str, is_set: bool| match (is_set, plain) {
            (true, _) => element(name, "J"),
            (false, true) => element(name, "N"),
            (false, false) => String::new(),
        };
        let (secrecy, registration) = self.marks();
        let id = match self.is_coordination() {
            true => element("TilldelatPersonNrSamordningsNr", &self.number),
            false => element("PersonNr", &self.number),
        };
        let status = self.status.map(|status| element("Identitetsstatus", status)).unwrap_or_default();
        let references: String = match self.references.as_slice() {
            [one] => element("HanvisningsPersonNr", one),
            several => {
                several.iter().map(|one| format!("<Hanvisningar>{}</Hanvisningar>", element("PersonNr", one))).collect()
            }
        };
        let gone = self.gone.map(|(code, day)| {
            let parts = element("AvregistreringsorsakKod", code) + &element("Avregistreringsdatum", day);
            format!("<Avregistrering>{parts}</Avregistrering>")
        });
        let names = element("Tilltalsnamnsmarkering", self.name_mark)
            + &element("Fornamn", self.first_names)
            + &element("Mellannamn", self.middle_name.unwrap_or_default())
            + &element("Efternamn", self.surname);
        let address = self.address.map(|(street, code, town)| {
            let parts = element("Utdelningsadress2", street) + &element("PostNr", code) + &element("Postort", town);
            format!("<Adresser><Folkbokforingsadress>{parts}</Folkbokforingsadress></Adresser>")
        });
        let (county, municipality) = self.municipality;
        // Others have names, numbers and marks as well.
        let relation = "<Relationer><Relation><RelationId><PersonNr>194107086995</PersonNr></RelationId>\
                        <Namn><Fornamn>Annan</Fornamn></Namn></Relation></Relationer>";
        format!(
            "<Folkbokforingspost>{}{}<Arendeuppgift andringstidpunkt=\"20200406121712\"/>\
             <Personpost><PersonId>{id}{status}</PersonId>{references}{}<Namn>{names}</Namn>\
             <Folkbokforing>{}{}</Folkbokforing>{}{relation}</Personpost></Folkbokforingspost>",
            mark("Sekretessmarkering", secrecy),
            mark("SkyddadFolkbokforing", registration),
            gone.unwrap_or_default(),
            element("LanKod", county),
            element("KommunKod", municipality),
            address.unwrap_or_default(),
        )
    }

    /// As the REST service has it.
    pub fn json(&self) -> Value {
        let references: Vec<Value> =
            self.references.iter().map(|number| json!({"identitetsbeteckning": number})).collect();
        let protection = match self.protected {
            Protected::No => "SAKNAS",
            Protected::SecrecyMarking => "SEKRETESSMARKERING",
            Protected::Registration => "SKYDDAD_FOLKBOKFORING",
        };
        let kind = if self.is_coordination() { "SAMORDNINGSNUMMER" } else { "PERSONNUMMER" };
        let (county, municipality) = self.municipality;
        let mut post = json!({
            "identitet": {
                "identitetsbeteckning": self.number,
                "typ": kind,
                "status": {"varde": self.status.unwrap_or("AKTIVT"), "datum": day("20191012")},
            },
            "skyddAvPersonuppgifter": protection,
            "hanvisningar": references,
            "namn": {
                "fornamn": {"namn": self.first_names, "tilltalsnamnsmarkering": self.name_mark, "strykt": true},
                "efternamn": {"namn": self.surname},
            },
            "folkbokforing": {"lanskod": county, "kommunkod": municipality},
            "senastAndrad": {"tidpunkt": "2020-04-06T12:17:12"},
        });
        if let Some(name) = self.middle_name {
            post["namn"]["mellannamn"] = json!({"namn": name});
        }
        if let Some((code, since)) = self.gone {
            post["avregistrering"] =
                json!({"orsakskod": code, "orsakskodsbeskrivning": "…", "avregistreringsdatum": day(since)});
        }
        if let Some((street, code, town)) = self.address {
            post["folkbokforing"]["adress"] = json!({"gatuadress": street, "postnummer": code, "postort": town});
        }
        post
    }

    /// As the file of terms has it.
    pub fn terms(&self, plain: bool) -> String {
        let own = |name: &str| TERMS.iter().find(|(known, _)| *known == name).map_or("", |(_, code)| code);
        let mark = |is_set| match (is_set, plain) {
            (true, _) => "J",
            (false, true) => "N",
            (false, false) => "",
        };
        let (secrecy, registration) = self.marks();
        let (code, since) = self.gone.unwrap_or_default();
        let (street, postal_code, town) = self.address.unwrap_or_default();
        let mut said = vec![
            (if self.is_coordination() { terms::COORDINATION } else { terms::NUMBER }, &*self.number),
            (terms::SECRECY, mark(secrecy)),
            (terms::REGISTRATION, mark(registration)),
        ];
        said.extend(self.references.iter().map(|number| (own("references"), *number)));
        said.extend([
            (own("status"), self.status.unwrap_or_default()),
            (own("deregistration-code"), code),
            (own("deregistered"), since),
            (terms::NAME_MARK, self.name_mark),
            (terms::FIRST_NAMES, self.first_names),
            (terms::MIDDLE_NAME, self.middle_name.unwrap_or_default()),
            (terms::FAMILY_NAME, self.surname),
            (own("county"), self.municipality.0),
            (own("municipality"), self.municipality.1),
            (own("street"), street),
            (own("postal-code"), postal_code),
            (own("town"), town),
            // Where a protected person's post goes, which is nobody's address.
            ("01051", "BOX 1"),
        ]);
        terms::post(said)
    }

    fn is_coordination(&self) -> bool {
        self.number.as_bytes()[6] >= b'6'
    }
}

fn day(digits: &str) -> Value {
    json!({"varde": digits, "rfc3339Datum": format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..])})
}

/// A file of these persons.
pub fn file(people: &[Person], plain: bool) -> String {
    terms::file(people.iter().map(|person| person.terms(plain)))
}
