//! Values as Graph writes them, and as the host knows them; and what Graph would refuse, refused before it is sent.

use crate::fields::{ANCHOR, EXTENSIONS, Field, LOCATION, NAME, NICKNAME, Shape};
use crate::licence::{self, Catalogue};
use crate::settings::{Settings, is_country};
use serde_json::{Value as Json, json};
use sluss_sdk::{Date, Error, Value, calendar};

/// What a field holds in an object that Graph told. References are told by whoever asked for them.
pub fn of(field: &Field, object: &Json, catalogue: Option<&Catalogue>) -> Vec<Value> {
    let own = &object[field.name];
    let text = |value: &Json| value.as_str().filter(|text| !text.is_empty()).map(Value::from);
    match field.shape {
        Shape::Text => text(own).into_iter().collect(),
        Shape::Texts => own.as_array().into_iter().flatten().filter_map(text).collect(),
        Shape::Truth => own.as_bool().map(Value::from).into_iter().collect(),
        Shape::Enabled => object["accountEnabled"].as_bool().map(Value::from).into_iter().collect(),
        Shape::Extension => text(&object[EXTENSIONS][field.name]).into_iter().collect(),
        Shape::Day => own.as_str().and_then(day).map(Value::from).into_iter().collect(),
        Shape::One => own["id"].as_str().map(reference).into_iter().collect(),
        Shape::Many => references(own),
        Shape::Kind => vec![Value::from(kind(object))],
        Shape::Licence => {
            let ids = if object["licenseAssignmentStates"].is_array() {
                licence::direct(object)
            } else {
                licence::of_group(object)
            };
            catalogue.map(|catalogue| catalogue.told(ids.iter().map(String::as_str))).unwrap_or_default()
        }
        Shape::Said | Shape::Count => Vec::new(),
    }
}

/// The properties to ask for so that a field can be told.
pub fn properties(field: &'static Field, of_group: bool) -> &'static [&'static str] {
    match field.shape {
        Shape::Enabled => &["accountEnabled"],
        Shape::Extension => &[EXTENSIONS],
        Shape::Licence if of_group => &["assignedLicenses"],
        Shape::Licence => &["licenseAssignmentStates"],
        Shape::Kind => &["groupTypes", "mailEnabled", "securityEnabled"],
        Shape::One | Shape::Many | Shape::Said | Shape::Count => &[],
        Shape::Text | Shape::Texts | Shape::Truth | Shape::Day => std::slice::from_ref(&field.name),
    }
}

/// The ids of the users among objects that Graph told. Whatever else is in a group is nobody's account.
pub fn references(objects: &Json) -> Vec<Value> {
    let objects = objects.as_array().into_iter().flatten();
    let is_user = |object: &&Json| object["@odata.type"].as_str().is_none_or(|of| of == "#microsoft.graph.user");
    objects.filter(is_user).filter_map(|object| object["id"].as_str()).map(reference).collect()
}

fn reference(id: &str) -> Value {
    Value::Reference(id.to_ascii_lowercase())
}

/// What kind of group this is. Only the first two can be made.
fn kind(group: &Json) -> &'static str {
    let is_unified = group["groupTypes"].as_array().into_iter().flatten().any(|of| of == "Unified");
    match (is_unified, group["mailEnabled"].as_bool(), group["securityEnabled"].as_bool()) {
        (true, ..) => "microsoft365",
        (false, Some(true), Some(true)) => "mail-enabled-security",
        (false, Some(true), _) => "distribution",
        _ => "security",
    }
}

/// The property that holds these values, as Graph wants it; an error where it would not take them.
pub fn written(field: &Field, values: &[Value], settings: &Settings) -> Result<Json, Error> {
    let wrong = |message: String| Error::invalid(message).attribute(field.name);
    if values.is_empty() && field.kept {
        return Err(wrong(format!("`{}` cannot be emptied: nothing is without it", field.name)));
    }
    match field.shape {
        Shape::Texts => {
            if values.len() > field.most {
                return Err(wrong(format!("`{}` takes {} values at most", field.name, field.most)));
            }
            let texts: Vec<&str> = values.iter().map(|value| plain(field, value)).collect::<Result<_, _>>()?;
            texts.iter().try_for_each(|text| fits(field, text, settings))?;
            Ok(json!(texts))
        }
        _ if values.len() > 1 => Err(wrong(format!("`{}` takes one value", field.name))),
        Shape::Enabled => match values {
            [] | [Value::Boolean(true)] => Ok(json!(true)),
            [Value::Boolean(false)] => Ok(json!(false)),
            _ => Err(wrong(format!("`{}` is yes or no", field.name))),
        },
        Shape::Day => match values {
            [] => Ok(Json::Null),
            [Value::Date(date)] => Ok(json!(format!("{date}T00:00:00Z"))),
            _ => Err(wrong(format!("`{}` is a day", field.name))),
        },
        _ => match values.first() {
            None => Ok(Json::Null),
            Some(value) => {
                let text = plain(field, value)?;
                if text.is_empty() {
                    return written(field, &[], settings);
                }
                fits(field, text, settings)?;
                Ok(json!(text))
            }
        },
    }
}

fn plain<'v>(field: &Field, value: &'v Value) -> Result<&'v str, Error> {
    value.as_text().ok_or_else(|| Error::invalid(format!("`{}` is a text", field.name)).attribute(field.name))
}

/// Whether Graph would take this text. The value is not repeated: it may be a person's.
fn fits(field: &Field, text: &str, settings: &Settings) -> Result<(), Error> {
    let wrong = |why: String| Err(Error::invalid(format!("`{}` {why}", field.name)).attribute(field.name));
    let length = text.chars().count();
    let most = if field.shape == Shape::Texts { 256 } else { field.most };
    if length > most {
        return wrong(format!("is too long: it has {length} characters, and Graph takes {most}"));
    }
    if text.chars().any(char::is_control) {
        return wrong("has a control character, such as a line break".to_owned());
    }
    match field.name {
        NAME => match account_name(text, settings) {
            Ok(()) => Ok(()),
            Err(why) => wrong(why),
        },
        NICKNAME if !text.is_ascii() || text.contains(|sign| "@()\\[]\";:<>, ".contains(sign)) => wrong(
            "has a character that no address can have (letters with accents, blanks, any of @()\\[]\";:<>,)".to_owned(),
        ),
        LOCATION if !is_country(text) => wrong("has to be the two letters of a country, such as SE".to_owned()),
        ANCHOR if text.contains(['$', '_']) => wrong("has a $ or _, which Graph does not take".to_owned()),
        "otherMails" | "mail" if !is_address(text) => wrong("is no mail address".to_owned()),
        "visibility" if !["Private", "Public", "HiddenMembership"].contains(&text) => {
            wrong("has to be Private, Public or HiddenMembership".to_owned())
        }
        "kind" if !["security", "microsoft365"].contains(&text) => {
            wrong("has to be security or microsoft365".to_owned())
        }
        "preferredLanguage" if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => {
            wrong("has to be the code of a language, such as sv-SE".to_owned())
        }
        _ => Ok(()),
    }
}

fn account_name(text: &str, settings: &Settings) -> Result<(), String> {
    let Some((own, domain)) = text.split_once('@') else { return Err("has no @ with a domain behind it".to_owned()) };
    let is_allowed = |sign: char| sign.is_ascii_alphanumeric() || "'._-!#^~".contains(sign);
    if own.is_empty() || own.chars().count() > 64 {
        return Err("has to have 1 to 64 characters before the @".to_owned());
    }
    if !own.chars().all(is_allowed) || own.starts_with('.') || own.ends_with('.') {
        return Err(
            "has a character before the @ that Graph does not take: only A-Z, a-z, 0-9 and '._-!#^~ without a dot \
                    at an end"
                .to_owned(),
        );
    }
    let is_domain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-');
    if domain.is_empty() || domain.chars().count() > 48 || !domain.chars().all(is_domain) {
        return Err("has no usable domain behind the @".to_owned());
    }
    if !settings.domains.is_empty() && !settings.domains.iter().any(|own| own.eq_ignore_ascii_case(domain)) {
        return Err(format!("is in the domain {domain}, which is not among `domains` of the settings"));
    }
    Ok(())
}

/// Whether this looks like a mail address that Graph takes.
pub fn is_address(text: &str) -> bool {
    text.is_ascii()
        && !text.contains(char::is_whitespace)
        && text.split_once('@').is_some_and(|(own, domain)| {
            !own.is_empty() && domain.contains('.') && !domain.contains('@') && !domain.starts_with('.')
        })
}

/// The day that a moment belongs to in Sweden. Sluss writes the beginning of the day in UTC, and people in portals that of
/// Sweden: both are the same day here.
fn day(text: &str) -> Option<Date> {
    let utc = moment(text)?;
    calendar::date((utc + calendar::swedish(utc)).div_euclid(86_400))
}

/// The seconds after the beginning of 1970 of a moment such as `2026-11-23T08:00:00.000Z`.
pub fn moment(text: &str) -> Option<i64> {
    let number = |part: Option<&str>| part.filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?.parse::<i64>().ok();
    let (year, month, day) = (number(text.get(..4))?, number(text.get(5..7))?, number(text.get(8..10))?);
    let (hour, minute, second) = (number(text.get(11..13))?, number(text.get(14..16))?, number(text.get(17..19))?);
    let date = Date::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()?;
    let rest = text.get(19..)?;
    let zone = rest.trim_start_matches(|sign: char| sign == '.' || sign.is_ascii_digit());
    let ahead = match (zone.get(..1)?, zone.get(1..)?) {
        ("Z", "") => 0,
        (sign @ ("+" | "-"), time) => {
            let ahead = number(time.get(..2))? * 3600 + number(time.get(3..5))? * 60;
            if sign == "-" { -ahead } else { ahead }
        }
        _ => return None,
    };
    Some(calendar::days(date) * 86_400 + hour * 3600 + minute * 60 + second - ahead)
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
