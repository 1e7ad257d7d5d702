//! What a post means, in the published vocabulary: the same whichever way the register said it.

use crate::number::Number;
use crate::post::{Address, Post};
use crate::protection::Protection;
use sluss_sdk::{Attribute, Date, Error, Value};

/// The attributes of the person that was asked about by this number.
pub fn attributes(asked: &Number, post: &Post) -> Result<Vec<Attribute>, Error> {
    let newer = newer(post)?;
    let number = newer.unwrap_or(&post.number);
    let mut all = Vec::with_capacity(20);
    let mut one = |name: &str, value: Option<Value>| all.extend(value.map(|value| Attribute::one(name, value)));
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    one("identity-number", Some(number.digits().into()));
    one("refers-to", Some(number.digits()).filter(|_| number != asked).map(Value::from));
    one("name-mark", text(&post.name_mark));
    one("first-names", text(&post.first_names));
    one("middle-name", text(&post.middle_name));
    one("surname", text(&post.surname));
    one("protected", Some((post.protection != Protection::None).into()));
    one("protection", Some(post.protection.word().into()));
    one("deregistration", deregistration(post).map(Value::from));
    one("deregistration-code", text(&post.cause));
    let is_dead = deregistration(post) == Some("death");
    let death = post.death.as_deref().filter(|_| is_dead);
    one("deregistered", post.deregistered.as_deref().and_then(day).or_else(|| day(death?)).map(Value::from));
    one("municipality", municipality(post).map(Value::from));
    one("dormant", dormant(post).map(Value::from));
    if let Some(Address { care_of, further, street, postal_code, town }) = &post.address {
        one("care-of", text(care_of));
        one("street-further", text(further));
        one("street", text(street));
        one("postal-code", text(postal_code));
        one("town", text(town));
    }
    let mut earlier = earlier(post);
    earlier.sort_unstable();
    if !earlier.is_empty() {
        all.insert(1, Attribute::many("earlier-numbers", earlier.iter().map(Number::digits)));
    }
    Ok(all)
}

/// The numbers that the person had before.
pub fn earlier(post: &Post) -> Vec<Number> {
    if is_replaced(post) {
        return vec![post.number.clone()];
    }
    let mut numbers = post.references.clone();
    numbers.extend(post.assigned.clone().filter(|assigned| !numbers.contains(assigned)));
    numbers
}

/// The number that replaced the post's own, where one did.
fn newer(post: &Post) -> Result<Option<&Number>, Error> {
    if post.refers_oddly {
        return Err(
            Error::invalid("The register refers to something that is no identity number").attribute("refers-to")
        );
    }
    if !is_replaced(post) {
        return Ok(None);
    }
    let mut numbers = post.references.iter().chain(post.assigned.iter().filter(|own| !post.references.contains(own)));
    match (numbers.next(), numbers.next()) {
        (newer, None) => Ok(newer),
        _ => Err(Error::invalid("The register says that several numbers replaced this one").attribute("refers-to")),
    }
}

/// Whether the post is that of a number which is not in use any more.
fn is_replaced(post: &Post) -> bool {
    let became_registered =
        post.assigned.as_ref().is_some_and(|own| post.number.is_coordination() && !own.is_coordination());
    matches!(post.cause.as_deref(), Some("GN" | "GS")) && has_reference(post) || became_registered
}

fn has_reference(post: &Post) -> bool {
    !post.references.is_empty() || post.assigned.is_some()
}

/// Why the person is not in the register any more.
fn deregistration(post: &Post) -> Option<&'static str> {
    let Some(cause) = post.cause.as_deref() else {
        return match (&post.deregistered, &post.death) {
            (_, Some(_)) => Some("death"),
            (Some(_), None) => Some("other"),
            (None, None) => None,
        };
    };
    Some(match cause {
        "AV" => "death",
        "UV" => "emigration",
        "GN" | "GS" => "new-number",
        "OB" => "untraceable",
        "FI" => "false-identity",
        "TA" => "technical",
        _ => "other",
    })
}

/// The municipality's code of four digits.
fn municipality(post: &Post) -> Option<String> {
    let digits = |code: &&String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_digit());
    let county = post.county.as_ref().filter(digits)?;
    Some(format!("{county}{}", post.municipality.as_ref().filter(digits)?))
}

/// Whether a coordination number is dormant, where the register says.
fn dormant(post: &Post) -> Option<bool> {
    let status = post.status.as_deref().filter(|_| post.number.is_coordination())?;
    // The letter with the dots may be written as one letter or as two, or without its dots.
    if status.starts_with("VILANDEF") {
        return Some(true);
    }
    (status == "AKTIVT").then_some(false)
}

/// A day as `YYYYMMDD` or `YYYY-MM-DD`; none where a part of it is not known.
fn day(text: &str) -> Option<Date> {
    let digits: String = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => text.replace('-', ""),
        _ => text.to_owned(),
    };
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const OLD: &str = "197010632391";
    const NEW: &str = "194107086995";

    fn number(text: &str) -> Number {
        Number::read(text).unwrap()
    }

    fn post(text: &str) -> Post {
        Post::about(Some(number(text)), None, Protection::None).unwrap()
    }

    fn values(asked: &str, post: &Post, name: &str) -> Vec<Value> {
        let all = attributes(&number(asked), post).unwrap();
        all.into_iter().filter(|attribute| attribute.name == name).flat_map(|attribute| attribute.values).collect()
    }

    #[test]
    fn a_number_that_was_replaced_leads_to_the_one_in_use_and_back() {
        let mut old = post(OLD);
        old.cause = Some("GS".to_owned());
        old.refers_to(NEW);
        assert_eq!(values(OLD, &old, "identity-number"), [NEW.into()]);
        assert_eq!(values(OLD, &old, "refers-to"), [NEW.into()]);
        assert_eq!(values(OLD, &old, "earlier-numbers"), [OLD.into()]);
        assert_eq!(values(OLD, &old, "deregistration"), ["new-number".into()]);
        let mut new = post(NEW);
        new.refers_to(OLD);
        assert_eq!(values(NEW, &new, "identity-number"), [NEW.into()]);
        assert_eq!(values(NEW, &new, "earlier-numbers"), [OLD.into()]);
        assert!(values(NEW, &new, "refers-to").is_empty());
        // The post of the number in use, in answer to a question about the old one.
        assert_eq!(values(OLD, &new, "identity-number"), [NEW.into()]);
        assert_eq!(values(OLD, &new, "refers-to"), [NEW.into()]);
    }

    #[test]
    fn a_coordination_number_with_a_personal_number_beside_it_was_replaced() {
        let both = Post::about(Some(number(OLD)), Some(number(NEW)), Protection::None).unwrap();
        assert_eq!(values(OLD, &both, "identity-number"), [NEW.into()]);
        let other = Post::about(Some(number(NEW)), Some(number(OLD)), Protection::None).unwrap();
        assert_eq!(values(NEW, &other, "identity-number"), [NEW.into()]);
        assert_eq!(values(NEW, &other, "earlier-numbers"), [OLD.into()]);
        let alone = Post::about(None, Some(number(OLD)), Protection::None).unwrap();
        assert_eq!(values(OLD, &alone, "identity-number"), [OLD.into()]);
        assert!(values(OLD, &alone, "earlier-numbers").is_empty());
    }

    #[test]
    fn a_reference_that_leads_nowhere_is_no_answer() {
        let mut odd = post(OLD);
        odd.refers_to("somewhere");
        assert!(attributes(&number(OLD), &odd).is_err());
        let mut two = post(OLD);
        two.cause = Some("GN".to_owned());
        two.refers_to(NEW);
        two.refers_to("193801248471");
        assert!(attributes(&number(OLD), &two).is_err());
        let mut circle = post(OLD);
        circle.cause = Some("GN".to_owned());
        circle.refers_to(OLD);
        assert_eq!(values(OLD, &circle, "identity-number"), [OLD.into()]);
    }

    #[test]
    fn whoever_is_gone_is_gone_for_a_reason_and_since_a_day() {
        let mut gone = post(NEW);
        for (cause, day, death, word, since) in [
            (Some("AV"), Some("20240229"), None, "death", Some((2024, 2, 29))),
            (Some("AV"), Some("20240200"), Some("2024-03-01"), "death", Some((2024, 3, 1))),
            (None, None, Some("20240301"), "death", Some((2024, 3, 1))),
            (Some("UV"), Some("2024-05-06"), Some("20250101"), "emigration", Some((2024, 5, 6))),
            (Some("OB"), Some("2024"), None, "untraceable", None),
            (Some("XX"), None, None, "other", None),
            (None, Some("20240506"), None, "other", Some((2024, 5, 6))),
        ] {
            gone.cause = cause.map(str::to_owned);
            gone.deregistered = day.map(str::to_owned);
            gone.death = death.map(str::to_owned);
            assert_eq!(values(NEW, &gone, "deregistration"), [word.into()]);
            let since: Vec<Value> =
                since.into_iter().map(|(year, month, day)| Date::new(year, month, day).unwrap().into()).collect();
            assert_eq!(values(NEW, &gone, "deregistered"), since);
        }
    }

    #[test]
    fn only_coordination_numbers_are_dormant() {
        for (text, status, expected) in [
            (OLD, "VILANDEFÖRKLARAT", Some(true)),
            (OLD, "VILANDEFO\u{308}RKLARAT", Some(true)),
            (OLD, "AKTIVT", Some(false)),
            (OLD, "STÄNGT", None),
            (NEW, "AKTIVT", None),
        ] {
            let mut own = post(text);
            own.status = Some(status.to_owned());
            let expected: Vec<Value> = expected.into_iter().map(Value::from).collect();
            assert_eq!(values(text, &own, "dormant"), expected, "{status}");
        }
    }

    #[test]
    fn a_municipality_has_both_its_parts() {
        let mut own = post(NEW);
        own.county = Some("14".to_owned());
        assert!(values(NEW, &own, "municipality").is_empty());
        own.municipality = Some("27".to_owned());
        assert_eq!(values(NEW, &own, "municipality"), ["1427".into()]);
    }
}
