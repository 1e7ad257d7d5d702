//! Identity numbers as schools' systems write them.

use twox_hash::XxHash3_128;

/// A number without what says nothing: blanks, a hyphen after a birth date of eight digits. None where nothing is left.
pub fn clean(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    let is_dashed = text.len() == 13 && text.is_char_boundary(8) && text.as_bytes()[8] == b'-';
    let text = if is_dashed { text.replacen('-', "", 1) } else { text };
    text.contains(|sign: char| sign.is_ascii_digit()).then_some(text)
}

/// Whether a text could be somebody's identity number.
pub fn is_number(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    // A birth date of six or eight digits, and what follows it.
    let tail = &text[digits.min(8).min(text.len())..];
    let is_tail =
        |tail: &str| tail.len() <= 6 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+ ".contains(&byte));
    digits >= 6 && (8..=13).contains(&text.len()) && is_tail(tail) && text.len() >= 10
}

/// The id of a record: what the system calls it, or a digest where that would tell who somebody is. The digest has letters
/// only, since digits would look like the number of somebody else.
pub fn id(text: &str) -> String {
    let text = text.trim();
    if !is_number(text) {
        return text.to_owned();
    }
    let digest = XxHash3_128::oneshot(clean(text).unwrap_or_default().to_uppercase().as_bytes());
    (0..32).map(|nibble| char::from(b'a' + (digest >> (nibble * 4) & 15) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_something_is_left() {
        for (text, left) in [
            (" 20150101-2395 ", Some("201501012395")),
            ("201501012395", Some("201501012395")),
            ("150101-2395", Some("150101-2395")),
            ("20150101TF01", Some("20150101TF01")),
            ("20150101-TF01", Some("20150101TF01")),
            ("150101+2395", Some("150101+2395")),
            ("-", None),
            ("", None),
            (" - - ", None),
        ] {
            assert_eq!(clean(text).as_deref(), left, "{text}");
        }
    }

    #[test]
    fn what_could_be_a_number_is_never_an_id() {
        let dashed = ["20150101-2395", "150101-2395", "150101+2395", "20150101 2395", "150101 2395"];
        for number in ["201501012395", "1501012395", "20150101TF01"].into_iter().chain(dashed) {
            let id = id(number);
            assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_lowercase()), "{number}: {id}");
        }
        assert_eq!(id("20150101-TF01"), id("20150101tf01"));
        for own in ["12345", "6f9619ff-8b86-d011-b42d-00c04fc964ff", "elev01", "Unit=3;StudentClass=4A", "2015"] {
            assert_eq!(id(own), own);
        }
    }
}
