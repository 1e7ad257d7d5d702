//! The envelope around what the service answers: a page of records, ids of what was deleted, or an error.

use crate::broken::Broken;
use crate::collection::Collection;
use serde_json::{Map, Value};

/// More levels than any record has.
const MOST_NESTED: usize = 32;

/// Longer than any name, address or page token.
const LONGEST_TEXT: usize = 48 * 1024;

/// More values than a page of 1,000 records needs, and fewer than fill a plugin's memory.
const MOST_PARTS: usize = 1_000_000;

/// A page.
#[derive(Debug, PartialEq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

/// Reads a page of records.
pub fn records(bytes: &[u8]) -> Result<Page<Value>, Broken> {
    let mut envelope = envelope(bytes)?;
    let next = next(&envelope)?;
    match envelope.remove("data") {
        Some(Value::Array(items)) => Ok(Page { items, next }),
        _ => Err(Broken::Shape),
    }
}

/// Reads a page of the ids of what was deleted, of one collection. No list of the collection is an empty one.
pub fn deleted(bytes: &[u8], collection: Collection) -> Result<Page<String>, Broken> {
    let mut envelope = envelope(bytes)?;
    let next = next(&envelope)?;
    let Some(Value::Object(mut data)) = envelope.remove("data") else { return Err(Broken::Shape) };
    let items = match data.remove(collection.name()) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.into_iter().map(id).collect::<Result<_, _>>()?,
        Some(_) => return Err(Broken::Shape),
    };
    Ok(Page { items, next })
}

/// The code of an error, if it is one that says nothing of anybody. The standard has it at the top, Skolverket's
/// implementation one level down.
pub fn code(bytes: &[u8]) -> Option<String> {
    let envelope = envelope(bytes).ok()?;
    let inner = envelope.get("error").and_then(Value::as_object).unwrap_or(&envelope);
    let code = match inner.get("code")? {
        Value::String(code) => code.clone(),
        Value::Number(code) => code.to_string(),
        _ => return None,
    };
    let is_plain = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.');
    let is_status = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    (is_status || (1..=40).contains(&code.len()) && code.bytes().all(is_plain)).then_some(code)
}

fn id(item: Value) -> Result<String, Broken> {
    match item {
        Value::String(id) if !id.is_empty() => Ok(id),
        _ => Err(Broken::Shape),
    }
}

fn next(envelope: &Map<String, Value>) -> Result<Option<String>, Broken> {
    match envelope.get("pageToken") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) => Ok(Some(token.clone()).filter(|token| !token.is_empty())),
        Some(_) => Err(Broken::Shape),
    }
}

fn envelope(bytes: &[u8]) -> Result<Map<String, Value>, Broken> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    within_limits(bytes)?;
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(envelope)) => Ok(envelope),
        Ok(_) => Err(Broken::Shape),
        Err(_) => Err(Broken::Syntax),
    }
}

/// How deeply it is nested, how long its texts are and how many parts it has, before anything is made of it.
fn within_limits(bytes: &[u8]) -> Result<(), Broken> {
    let (mut depth, mut parts, mut text, mut escaped) = (0_usize, 0_usize, None, false);
    for byte in bytes {
        match (&mut text, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(_), b'"') => text = None,
            (Some(length), _) if *length == LONGEST_TEXT => return Err(Broken::Text),
            (Some(length), _) => *length += 1,
            (None, b'"') => text = Some(0),
            (None, b'{' | b'[') if depth == MOST_NESTED => return Err(Broken::Depth),
            (None, b'{' | b'[') => (depth, parts) = (depth + 1, parts + 1),
            (None, b'}' | b']') => depth = depth.saturating_sub(1),
            (None, b',') => parts += 1,
            (None, _) => {}
        }
        if parts > MOST_PARTS {
            return Err(Broken::Size);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_page_has_records_and_perhaps_more_behind_it() {
        let page = records(br#"{"data":[{"id":"1"},7],"pageToken":"x"}"#).unwrap();
        assert_eq!((page.items.len(), page.next.as_deref()), (2, Some("x")));
        for end in [r#"{"data":[]}"#, r#"{"data":[],"pageToken":null}"#, "\u{feff}{\"data\":[],\"pageToken\":\"\"}"] {
            assert_eq!(records(end.as_bytes()).unwrap().next, None, "{end}");
        }
    }

    #[test]
    fn whatever_else_comes_is_refused() {
        let deep = format!("{{\"data\":{}{}}}", "[".repeat(40), "]".repeat(40));
        let long = format!("{{\"data\":[\"{}\"]}}", "x".repeat(LONGEST_TEXT + 1));
        let many = format!("{{\"data\":[{}0]}}", "0,".repeat(MOST_PARTS));
        for (text, broken) in [
            (r#"{"data":[{"id":"1"},"#, Broken::Syntax),
            ("", Broken::Syntax),
            ("<html>", Broken::Syntax),
            ("[]", Broken::Shape),
            ("{}", Broken::Shape),
            (r#"{"data":{}}"#, Broken::Shape),
            (r#"{"persons":[]}"#, Broken::Shape),
            (r#"{"data":[],"pageToken":5}"#, Broken::Shape),
            (&deep, Broken::Depth),
            (&long, Broken::Text),
            (&many, Broken::Size),
        ] {
            assert_eq!(records(text.as_bytes()), Err(broken), "{}", &text[..text.len().min(40)]);
        }
    }

    #[test]
    fn deleted_ids_are_those_of_the_collection() {
        let text = br#"{"data":{"persons":["a","b"],"groups":["c"],"activitites":["d"]},"pageToken":"x"}"#;
        assert_eq!(deleted(text, Collection::Persons).unwrap().items, ["a", "b"]);
        assert_eq!(deleted(text, Collection::Groups).unwrap().next.as_deref(), Some("x"));
        assert!(deleted(text, Collection::Duties).unwrap().items.is_empty());
        for odd in [
            r#"{"data":[]}"#,
            r#"{"data":{"persons":[7]}}"#,
            r#"{"data":{"persons":"a"}}"#,
            r#"{"data":{"persons":[""]}}"#,
        ] {
            assert_eq!(deleted(odd.as_bytes(), Collection::Persons), Err(Broken::Shape), "{odd}");
        }
    }

    #[test]
    fn a_code_is_told_only_where_it_is_one() {
        for (text, expected) in [
            (r#"{"code":"TOKEN_EXPIRED","message":"m"}"#, Some("TOKEN_EXPIRED")),
            (r#"{"error":{"code":400,"message":"m"}}"#, Some("400")),
            (r#"{"code":"20130101TF01","message":"m"}"#, None),
            (r#"{"code":198001022386,"message":"m"}"#, None),
            (r#"{"message":"m"}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(code(text.as_bytes()).as_deref(), expected, "{text}");
        }
    }
}
