//! The REST interface, version 3: up to 900 persons a call.
//!
//! The answer is read as far as its parts are what they should be: a part of another type says nothing, and what says
//! nothing of protection is protected.

use crate::number::Number;
use crate::post::{Address, Post, Reading, said};
use crate::protection::Protection;
use crate::text;
use serde_json::{Value, json};
use sluss_xml::{Broken, LONGEST_TEXT, MOST_NESTED};

/// Where the service stands below the connection's address.
pub const PATH: &str = "/hamta";

/// The most persons that one call may ask for.
pub const MOST_NUMBERS: usize = 900;

/// The longest answer.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// What the service answers.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Posts. One without a usable number is none.
    pub posts: Vec<Option<Post>>,
    /// The numbers of which it has none, each with its reason.
    pub refused: Vec<(Number, u16)>,
}

/// The question about some persons.
pub fn question(organisation: &str, order: &str, numbers: &[Number]) -> Vec<u8> {
    let wanted: Vec<Value> = numbers.iter().map(|number| json!({"identitetsbeteckning": number.digits()})).collect();
    json!({
        "bestallning": {"organisationsnummer": organisation, "bestallningsidentitet": order},
        "sokvillkor": wanted,
    })
    .to_string()
    .into_bytes()
}

/// Reads an answer.
pub fn read(bytes: &[u8], reading: Reading) -> Result<Answer, Broken> {
    let bytes = text::unmarked(bytes);
    within_limits(bytes)?;
    let answer: Value = serde_json::from_slice(bytes).map_err(|_| Broken::Syntax)?;
    let list = |names: [&str; 2]| names.iter().find_map(|name| answer.get(name));
    let posts = list(["folkbokforingsposter", "personposter"]);
    let refused = list(["fel", "felrapporter"]);
    if !answer.is_object() || posts.is_none() && refused.is_none() {
        return Err(Broken::Kind);
    }
    let posts = items(posts)?.iter().map(|item| post(item, reading)).collect();
    let refused = items(refused)?.iter().filter_map(refusal).collect();
    Ok(Answer { posts, refused })
}

fn items(list: Option<&Value>) -> Result<&[Value], Broken> {
    match list {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Broken::Kind),
    }
}

/// How deeply it is nested and how long its texts are, before anything is made of it.
fn within_limits(bytes: &[u8]) -> Result<(), Broken> {
    if bytes.len() > LONGEST_ANSWER {
        return Err(Broken::Size);
    }
    let (mut depth, mut text, mut escaped) = (0_usize, None, false);
    for byte in bytes {
        match (&mut text, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(_), b'"') => text = None,
            (Some(length), _) if *length == LONGEST_TEXT => return Err(Broken::Text),
            (Some(length), _) => *length += 1,
            (None, b'"') => text = Some(0),
            (None, b'{' | b'[') if depth == MOST_NESTED => return Err(Broken::Depth),
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
    }
    Ok(())
}

fn refusal(item: &Value) -> Option<(Number, u16)> {
    let number = word(item, &["id"]).or_else(|| word(item, &["identitetsbeteckning"]))?;
    let code = item.get("orsakskod")?;
    let code = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
    Some((Number::read(&number)?, u16::try_from(code).ok()?))
}

fn post(item: &Value, reading: Reading) -> Option<Post> {
    let protection = Protection::of_word(item.get("skyddAvPersonuppgifter").and_then(Value::as_str));
    let number = word(item, &["identitet", "identitetsbeteckning"]).and_then(|text| Number::read(&text));
    let mut post = Post::about(number, None, protection)?;
    for reference in item.get("hanvisningar").and_then(Value::as_array).into_iter().flatten() {
        match word(reference, &["identitetsbeteckning"]) {
            Some(text) => post.refers_to(&text),
            None => post.refers_oddly = true,
        }
    }
    post.name_mark = word(item, &["namn", "fornamn", "tilltalsnamnsmarkering"]);
    post.first_names = word(item, &["namn", "fornamn", "namn"]);
    post.middle_name = word(item, &["namn", "mellannamn", "namn"]);
    post.surname = word(item, &["namn", "efternamn", "namn"]);
    post.cause = word(item, &["avregistrering", "orsakskod"]);
    post.deregistered = day(item, &["avregistrering", "avregistreringsdatum"]);
    post.death = day(item, &["avregistrering", "datumAntraffadDod"])
        .or_else(|| day(item, &["samordningsnummer", "datumAvliden"]));
    post.status = word(item, &["identitet", "status", "varde"]);
    post.county = word(item, &["folkbokforing", "lanskod"]);
    post.municipality = word(item, &["folkbokforing", "kommunkod"]);
    if post.shows_address(reading) {
        post.address = item.get("folkbokforing").and_then(|own| own.get("adress")).map(address);
    }
    Some(post)
}

fn address(item: &Value) -> Address {
    Address {
        care_of: word(item, &["careOf"]),
        further: word(item, &["adressfortsattning"]),
        street: word(item, &["gatuadress"]),
        postal_code: word(item, &["postnummer"]),
        town: word(item, &["postort"]),
    }
}

/// The text at the end of a path.
fn word(item: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(item, |item, name| item.get(name))?;
    said(found.as_str())
}

/// A day is an object with its forms, or one of them.
fn day(item: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(item, |item, name| item.get(name))?;
    word(found, &["varde"]).or_else(|| word(found, &["rfc3339Datum"])).or_else(|| said(found.as_str()))
}
