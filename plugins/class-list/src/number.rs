//! What looks like an identity number. None stands in a class list, so none is taken.

/// Whether a text holds what looks like an identity number: twelve characters with or without a sign before the last
/// four, or ten with one. Ten digits in a row may be a telephone number.
pub fn holds_number(text: &str) -> bool {
    let words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && !matches!(sign, '-' | '+'));
    words.into_iter().any(is_number)
}

fn is_number(word: &str) -> bool {
    let word = word.trim_matches(['-', '+']);
    let Some((date, last)) = word.len().checked_sub(4).and_then(|at| word.split_at_checked(at)) else { return false };
    let bare = date.trim_end_matches(['-', '+']);
    let signed = bare.len() < date.len();
    let of_day = match bare.len() {
        8 if matches!(&bare[..2], "18" | "19" | "20") => &bare[4..],
        6 if signed || !last.bytes().all(|byte| byte.is_ascii_digit()) => &bare[2..],
        _ => return false,
    };
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    bare.bytes().all(|byte| byte.is_ascii_digit())
        // Coordination numbers count days from 60, and some of them have no month or no day.
        && matches!((number(&of_day[..2]), number(&of_day[2..])), (1..=12, 1..=31) | (0..=12, 60..=91))
        && is_end(last)
}

/// Four digits, two letters and two digits (TF), or one letter and three.
fn is_end(last: &str) -> bool {
    let letters = last.bytes().take_while(u8::is_ascii_alphabetic).count();
    letters <= 2 && last.bytes().skip(letters).all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::holds_number;

    #[test]
    fn identity_numbers_in_all_their_forms_are_seen() {
        for number in [
            "201501012395",
            "20150101-2395",
            "19150101+2395",
            "150101-2395",
            "201501612395",
            "19700060-2390",
            "20150315TF01",
            "150315TF01",
            "20150315-T001",
            "Elsa (20150101-2395), 4A",
            "1427/201501012395",
        ] {
            assert!(holds_number(number), "{number}");
        }
    }

    #[test]
    fn other_numbers_and_words_are_not() {
        for other in [
            "",
            "elsobe",
            "elsa.oberg@elev.sotenas.example",
            "0701234567",
            "+46701234567",
            "070-123 45 67",
            "1427-12345678-4A",
            "2026-11-23",
            "20261123",
            "5c001200-0000-4000-8000-000000010001",
            "201513012395",
            "åäö-åäöå",
            "201501012åä",
        ] {
            assert!(!holds_number(other), "{other}");
        }
    }
}
