//! The SOAP interface, ePersondata V4: one person a call.
//!
//! Element names are those of `personpostXML`. What stands beside them, relatives and history above all, is not looked at.

use crate::number::Number;
use crate::post::{Address, Post, Reading, said};
use crate::protection::{Mark, Protection};
use sluss_xml::{Broken, Element};

/// Where the service stands below the connection's address.
pub const PATH: &str = "/personpostXML";

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const PERSON_DATA: &str = "http://xmls.skatteverket.se/se/skatteverket/folkbokforing/na/epersondata/V1";

/// What the service answers.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// Posts; none of a person whom the register does not know. A post without a usable number is none.
    Posts(Vec<Option<Post>>),
    /// It could not, or would not.
    Fault(Fault),
}

/// Why not.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whether the request is at fault.
    pub is_ours: bool,
    /// The register's own code.
    pub code: Option<String>,
}

/// The question about one person.
pub fn question(organisation: &str, order: &str, number: &Number) -> Vec<u8> {
    let order = sluss_xml::escape(order);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ENVELOPE}" xmlns:p="{PERSON_DATA}"><s:Header/><s:Body><p:PersonpostRequest><p:Bestallning><p:OrgNr>{organisation}</p:OrgNr><p:BestallningsId>{order}</p:BestallningsId></p:Bestallning><p:PersonId>{}</p:PersonId></p:PersonpostRequest></s:Body></s:Envelope>"#,
        number.digits()
    )
    .into_bytes()
}

/// Reads an answer.
pub fn read(bytes: &[u8], reading: Reading) -> Result<Answer, Broken> {
    let document = sluss_xml::parse(bytes)?;
    let body = document.child("Envelope").and_then(|envelope| envelope.child("Body")).ok_or(Broken::Kind)?;
    if let Some(fault) = body.child("Fault") {
        return Ok(Answer::Fault(fault_of(fault)));
    }
    let response = body.child("PersonpostXMLResponse").ok_or(Broken::Kind)?;
    let posts = response.child("Folkbokforingsposter").map(|posts| posts.children.as_slice()).unwrap_or_default();
    if posts.iter().any(|post| post.name != "Folkbokforingspost") {
        return Err(Broken::Kind);
    }
    Ok(Answer::Posts(posts.iter().map(|element| post(element, reading)).collect()))
}

fn fault_of(fault: &Element) -> Fault {
    let blamed = fault.text_of("faultcode").unwrap_or_default();
    let blamed = blamed.rsplit(':').next().unwrap_or_default();
    // A code is short. Whatever else stands there may quote the question.
    let code = fault.find("Felkod").map(|code| code.text.trim());
    let code = code.filter(|code| code.len() < 9 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    Fault { is_ours: matches!(blamed, "Client" | "Sender"), code: said(code) }
}

fn post(element: &Element, reading: Reading) -> Option<Post> {
    let person = element.child("Personpost")?;
    let id = person.child("PersonId")?;
    let number = |name: &str| id.text_of(name).and_then(Number::read);
    let mut post = Post::about(
        number("PersonNr"),
        number("TilldelatPersonNrSamordningsNr"),
        protection(element, person, reading),
    )?;
    for holder in [person, id] {
        if let Some(text) = holder.text_of("HanvisningsPersonNr").filter(|text| !text.is_empty()) {
            post.refers_to(text);
        }
        // Dates and kinds may stand beside the numbers.
        let leaves = holder.child("Hanvisningar").map(Element::leaves).unwrap_or_default();
        leaves.into_iter().filter(|text| Number::read(text).is_some()).for_each(|text| post.refers_to(text));
    }
    if let Some(name) = person.child("Namn") {
        post.name_mark = said(name.text_of("Tilltalsnamnsmarkering"));
        post.first_names = said(name.text_of("Fornamn"));
        post.middle_name = said(name.text_of("Mellannamn"));
        post.surname = said(name.text_of("Efternamn"));
    }
    if let Some(gone) = person.child("Avregistrering") {
        post.cause = said(gone.text_of("AvregistreringsorsakKod"));
        post.deregistered = said(gone.text_of("Avregistreringsdatum"));
        post.death = said(gone.text_of("DatumAntraffadDod"));
    }
    let coordination = person.child("Samordningsnummeruppgifter");
    post.death = post.death.or_else(|| said(coordination.and_then(|own| own.text_of("DatumAvliden"))));
    post.status = id.child("Identitetsstatus").and_then(|status| said(status.leaves().first().copied()));
    if let Some(registered) = person.child("Folkbokforing") {
        post.county = said(registered.text_of("LanKod"));
        post.municipality = said(registered.text_of("KommunKod"));
    }
    if post.shows_address(reading) {
        post.address = person.child("Adresser").and_then(|all| all.child("Folkbokforingsadress")).map(address);
    }
    Some(post)
}

fn address(element: &Element) -> Address {
    Address {
        care_of: said(element.text_of("CareOf")),
        further: said(element.text_of("Utdelningsadress1")),
        street: said(element.text_of("Utdelningsadress2")),
        postal_code: said(element.text_of("PostNr")),
        town: said(element.text_of("Postort")),
    }
}

/// The marks stand beside the person's post. One that stands elsewhere, or that has another name than those known, is a
/// mark all the same.
fn protection(element: &Element, person: &Element, reading: Reading) -> Protection {
    const KNOWN: [&str; 2] = ["Sekretessmarkering", "SkyddadFolkbokforing"];
    let is_other = |child: &&Element| {
        let name = child.name.to_ascii_lowercase();
        !KNOWN.contains(&child.name.as_str()) && (name.contains("sekretess") || name.contains("skydd"))
    };
    let mark = |name: &str| {
        let mut said = [element, person].into_iter().flat_map(|holder| &holder.children);
        let first = said.find(|child| child.name == name).map(|child| child.text.as_str());
        let is_single = said.all(|child| child.name != name);
        if is_single { Mark::of(first) } else { Mark::Odd }
    };
    let [secrecy, registration] = KNOWN.map(mark);
    let others = [element, person].into_iter().flat_map(|holder| &holder.children).any(|child| is_other(&child));
    let registration = if others && registration != Mark::Yes { Mark::Odd } else { registration };
    Protection::of_marks(secrecy, registration, reading.silence)
}
