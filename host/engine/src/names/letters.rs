//! Any writing to ASCII, and from there to what may stand before the `@` of an address.
//!
//! The letters of Nordic and other European names have settled spellings, which come first; whatever else there is
//! still gives something, since a person without a username is worse than one with an odd one.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// The text in ASCII: marks are taken off letters (å, ä → a, ö → o), the rest is spelled out.
pub fn transliterate(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.nfc() {
        if letter.is_ascii() {
            out.push(letter);
        } else if let Some(spelled) = settled(letter) {
            out.push_str(spelled);
        } else if !is_combining_mark(letter) {
            match base(letter) {
                Some(base) => out.push(base),
                None => out.push_str(any_ascii::any_ascii_char(letter)),
            }
        }
    }
    Cow::Owned(out)
}

/// What may stand before an `@`: small letters, digits, hyphens, and dots for spaces; no dot or hyphen at either end.
pub fn local_part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in transliterate(text).chars() {
        let letter = match letter.to_ascii_lowercase() {
            letter if letter.is_ascii_whitespace() || letter == '.' => '.',
            letter => letter,
        };
        match letter {
            'a'..='z' | '0'..='9' => out.push(letter),
            // The first separator of a run stands for the run.
            '.' | '-' if !out.is_empty() && !out.ends_with(['.', '-']) => out.push(letter),
            _ => {}
        }
    }
    out.truncate(out.trim_end_matches(['.', '-']).len());
    out
}

/// Letters whose spelling is settled and is not just the letter without its mark.
fn settled(letter: char) -> Option<&'static str> {
    Some(match letter {
        'æ' | 'ǽ' => "ae",
        'Æ' | 'Ǽ' => "Ae",
        'ø' | 'ǿ' => "o",
        'Ø' | 'Ǿ' => "O",
        'œ' => "oe",
        'Œ' => "Oe",
        'ß' => "ss",
        'ẞ' => "SS",
        'ð' | 'đ' => "d",
        'Ð' | 'Đ' => "D",
        'þ' => "th",
        'Þ' => "Th",
        'ł' => "l",
        'Ł' => "L",
        'ı' => "i",
        'ħ' => "h",
        'Ħ' => "H",
        'ŋ' => "ng",
        'Ŋ' => "Ng",
        'ŧ' => "t",
        'Ŧ' => "T",
        'ʼ' | '’' | '‘' | '´' => "'",
        '‐' | '‑' | '–' | '—' => "-",
        _ => return None,
    })
}

/// The ASCII letter that a letter is without its marks.
fn base(letter: char) -> Option<char> {
    let mut first = None;
    decompose_canonical(letter, |part| {
        first.get_or_insert(part);
    });
    first.filter(char::is_ascii)
}

#[cfg(test)]
mod tests {
    use super::{local_part, transliterate};
    use proptest::prelude::*;

    #[test]
    fn settled_spellings() {
        for (text, ascii) in [
            ("Åsa Öberg-Ärlig", "Asa Oberg-Arlig"),
            ("André Müller", "Andre Muller"),
            ("Søren Kjærgård", "Soren Kjaergard"),
            ("Æsa Þórsdóttir Guðmunds", "Aesa Thorsdottir Gudmunds"),
            ("Weiß GROẞ", "Weiss GROSS"),
            ("Łukasz Đorđević Œuvre", "Lukasz Dordevic Oeuvre"),
            ("Yıldız Şahin", "Yildiz Sahin"),
            ("Nguyễn Văn", "Nguyen Van"),
            ("O’Brien–Smith", "O'Brien-Smith"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(transliterate(text), ascii, "{text}");
        }
    }

    /// Composed and decomposed writing of the same name are one name.
    #[test]
    fn decomposed_letters_are_the_same_letters() {
        assert_eq!(transliterate("A\u{30a}sa O\u{308}berg"), "Asa Oberg");
        assert_eq!(transliterate("\u{307}x"), "x");
    }

    #[test]
    fn every_writing_gives_something() {
        for (text, ascii) in [("Юлия", "Yuliya"), ("Γιώργος", "Giorgos"), ("Дмитрий", "Dmitriy")] {
            assert_eq!(transliterate(text), ascii, "{text}");
        }
        for text in ["محمد", "שרה", "李雷", "ネコ", "สมชาย", "გიორგი", "አበበ"] {
            let ascii = transliterate(text);
            assert!(ascii.is_ascii() && ascii.chars().any(|c| c.is_ascii_alphanumeric()), "{text} gave {ascii:?}");
        }
    }

    #[test]
    fn local_parts() {
        for (text, local) in [
            ("Anna Berg", "anna.berg"),
            ("  Anna   Maria  af Ström ", "anna.maria.af.strom"),
            ("Per-Åke Öberg-Lind", "per-ake.oberg-lind"),
            ("Given SurA SurB", "given.sura.surb"),
            ("O'Brien, Sean (vik.)", "obrien.sean.vik"),
            ("Anna--Lisa - Ek", "anna-lisa.ek"),
            ("-.Anna.-", "anna"),
            ("J.R.R. Tolkien", "j.r.r.tolkien"),
            ("Agent 007", "agent.007"),
            ("!?", ""),
            ("", ""),
        ] {
            assert_eq!(local_part(text), local, "{text}");
        }
    }

    proptest! {
        #[test]
        fn transliteration_is_ascii(text in ".*") {
            prop_assert!(transliterate(&text).is_ascii());
        }

        #[test]
        fn a_local_part_can_stand_before_an_at(text in ".*") {
            let local = local_part(&text);
            prop_assert!(local.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '.' | '-')));
            prop_assert!(!local.starts_with(['.', '-']) && !local.ends_with(['.', '-']));
            for run in ["..", ".-", "-.", "--"] {
                prop_assert!(!local.contains(run));
            }
            prop_assert_eq!(local_part(&local), local.clone());
        }
    }
}
