//! What a list's documents are called: names that every system takes, made from the list's own.
//!
//! A plugin makes no folders, so all stand beside each other. Two lists never share a file, not even where capitals count
//! as small letters. What a file system might not take, or might take for something else, is written as `=` and its bytes.

use sluss_sdk::Error;
use unicode_normalization::UnicodeNormalization;

/// The longest name of a file without its ending, in bytes.
const LONGEST: usize = 120;
/// Names that Windows keeps for devices.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// What tells names apart: neither capitals nor the way in which letters are put together.
pub fn fold(key: &str) -> String {
    key.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// The documents of the list with this name, without their endings.
pub fn place(key: &str) -> Result<String, Error> {
    let text: String = key.nfc().collect();
    let last = text.chars().count().saturating_sub(1);
    let is_device = is_device(&text);
    let mut name = String::with_capacity(text.len());
    for (at, sign) in text.chars().enumerate() {
        let edge = at == 0 || at == last;
        if stands(sign) && !(sign == ' ' && edge) && !(is_device && at == 0) {
            name.push(sign);
        } else {
            let mut bytes = [0; 4];
            sign.encode_utf8(&mut bytes).bytes().for_each(|byte| name.push_str(&format!("={byte:02X}")));
        }
    }
    match name.len() {
        1..=LONGEST => Ok(name),
        _ => Err(Error::invalid("This is too long for the name of a file; make it shorter in the policy")),
    }
}

/// Whether a list's document can be called so; the state's file and the settings could say anything.
pub fn is_document(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    matches!(ending, "csv" | "html")
        && (1..=LONGEST).contains(&stem.len())
        && stem.chars().all(|sign| stands(sign) || sign == '=')
}

/// Whether a sign may stand in a name as it is: letters whose capitals every file system pairs in the same way, and what
/// means nothing to anybody.
fn stands(sign: char) -> bool {
    match sign {
        'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '-' | '_' | ',' | '(' | ')' | '–' => true,
        '×' | 'ß' | '÷' => false,
        'À'..='þ' => true,
        _ => false,
    }
}

fn is_device(text: &str) -> bool {
    let small = text.trim_end().to_ascii_lowercase();
    let port = |kind: &str| small.strip_prefix(kind).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    DEVICES.contains(&small.as_str()) || port("com") || port("lpt")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn documents_are_called_as_their_list() {
        for (key, expected) in [
            ("4A", "4A"),
            ("Havsskolan 4–6 4A", "Havsskolan 4–6 4A"),
            ("S:t Olof/Åk 4", "S=3At Olof=2FÅk 4"),
            ("../x", "=2E=2E=2Fx"),
            ("con", "=63on"),
            ("Com1", "=43om1"),
            ("common", "common"),
            (" 4A. ", "=204A=2E=20"),
            ("A\u{30a}k=4\\\u{0}", "Åk=3D4=5C=00"),
            ("ß", "=C3=9F"),
        ] {
            assert_eq!(place(key).unwrap(), expected);
        }
        for key in ["", &"x".repeat(121), &"ж".repeat(30)] {
            assert!(place(key).is_err(), "{key}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_a_document() {
        for name in
            ["class-lists.jsonl", "4A", "4A.txt", "../a.csv", "/a.csv", "a/b.csv", ".csv", "a.new.csv", "c:a.csv"]
        {
            assert!(!is_document(name), "{name}");
        }
    }

    /// Texts that are likely to be mixed up.
    fn near() -> impl Strategy<Value = String> {
        let sign = prop::sample::select(vec![
            "a", "A", "å", "Å", "A\u{30a}", "\u{212b}", "k", "K", "\u{212a}", "s", "ſ", "ß", "ẞ", "ss", "=", "=41",
            "41", ".", " ", "con", "CON", "1", "ǆ", "ǅ", "İ", "i", "\u{307}", ":", "ÿ", "Ÿ", "µ", "Μ", "/",
        ]);
        prop::collection::vec(sign, 1..4).prop_map(|signs| signs.concat())
    }

    proptest! {
        #[test]
        fn two_names_never_share_a_file(a in near(), b in near()) {
            let places = [&a, &b].map(|key| place(key).unwrap());
            if places[0].to_lowercase() == places[1].to_lowercase() {
                prop_assert_eq!(fold(&a), fold(&b));
            }
        }

        #[test]
        fn any_name_makes_a_document_or_is_refused(key in any::<String>()) {
            if let Ok(place) = place(&key) {
                let document = format!("{}.html", place);
                prop_assert!(is_document(&document));
            }
        }
    }
}
