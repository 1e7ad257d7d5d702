//! Days as the store counts them, and values as people read them.

use jiff::civil::Date;
use sluss_engine::value::Value;
use sluss_store::NEVER;

/// Days since 1970-01-01.
pub fn day_number(date: Date) -> i32 {
    let epoch = Date::constant(1970, 1, 1);
    epoch.until(date).map_or(NEVER, |span| span.get_days())
}

/// The date of a stored day; none for the day that never comes.
pub fn date(day: i32) -> Option<Date> {
    if day == NEVER {
        return None;
    }
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(i64::from(day)).ok()?).ok()
}

/// A name as it is without the word for its kind that directories write before addresses: `SMTP:`, `smtp:` or `sip:`.
pub fn bare(text: &str) -> &str {
    let text = text.trim();
    let kinds = ["smtp:", "sip:"].into_iter();
    let rest = kinds.filter(|kind| text.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind)));
    rest.map(|kind| &text[kind.len()..]).next().unwrap_or(text)
}

/// A value as text: how it is compared across systems that do not share our types, and how people read it.
pub fn text(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Reference(text) => text.clone(),
        Value::Boolean(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Timestamp(moment) => {
            jiff::Timestamp::from_millisecond(*moment).map_or_else(|_| moment.to_string(), |moment| moment.to_string())
        }
        Value::Binary(bytes) => format!("({} bytes)", bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn the_word_before_an_address_is_no_part_of_it() {
        for (text, name) in [
            ("SMTP:Eva@x.test", "Eva@x.test"),
            (" smtp:eva@x.test ", "eva@x.test"),
            ("sip:eva@x.test", "eva@x.test"),
            ("X500:/o=x", "X500:/o=x"),
            ("eva@x.test", "eva@x.test"),
            ("smtp:", ""),
            ("åäö", "åäö"),
            ("", ""),
        ] {
            assert_eq!(bare(text), name, "{text}");
        }
    }
}
