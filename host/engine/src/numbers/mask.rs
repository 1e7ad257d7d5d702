//! Hides identity numbers: the date may be seen, what follows it may not.
//!
//! Every text that leaves the engine for a log, a report or a screen can be passed through here. What only looks like
//! a number is hidden as well; a hidden telephone number harms nobody.

/// An identity number for display: `19800102-****`. What has no known beginning is hidden whole.
pub fn mask(number: &str) -> String {
    let masked = mask_in(number);
    if masked == number { HIDDEN.to_owned() } else { masked }
}

/// A text with every sequence hidden that could be an identity number.
pub fn mask_in(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let run = digits(rest);
        let (shown, used) = match run {
            12.. => (8, run),
            10 | 11 => (6, run),
            6 | 8 => match tail(&rest[run..]) {
                Some(tail) => (run, run + tail),
                None => (run, 0),
            },
            _ => (run, 0),
        };
        out.push_str(&rest[..shown]);
        if used > 0 {
            out.push('-');
            out.push_str(HIDDEN);
        }
        rest = &rest[used.max(shown)..];
    }
    out.push_str(rest);
    out
}

/// What stands for what is hidden.
const HIDDEN: &str = "****";

/// How many digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// How many bytes the second half of a number takes: a sign or none, then four digits or more, or one or two letters
/// and two or three digits.
fn tail(text: &str) -> Option<usize> {
    let sign = usize::from(text.starts_with(['-', '+', ' ']));
    let tail = &text[sign..];
    let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = digits(&tail[letters..]);
    let fits = match letters {
        0 => digits >= 4,
        1 => digits >= 3,
        2 => digits >= 2,
        _ => false,
    };
    fits.then_some(sign + letters + digits)
}

#[cfg(test)]
mod tests {
    use super::{mask, mask_in};
    use proptest::prelude::*;

    #[test]
    fn one_number_for_display() {
        for (number, shown) in [
            ("198001021234", "19800102-****"),
            ("19800102-1234", "19800102-****"),
            ("8001021234", "800102-****"),
            ("800102+1234", "800102-****"),
            ("19491223TF94", "19491223-****"),
            ("20110203-T001", "20110203-****"),
            ("98240301AA06", "98240301-****"),
            ("abc", "****"),
            ("12345", "****"),
            ("", "****"),
        ] {
            assert_eq!(mask(number), shown, "{number}");
        }
    }

    #[test]
    fn numbers_in_a_text() {
        for (text, shown) in [
            ("row 12: 19800102-1234, and 800102-1234.", "row 12: 19800102-****, and 800102-****."),
            ("pnr=198001021234;x", "pnr=19800102-****;x"),
            ("x198001021234x", "x19800102-****x"),
            ("19800102 1234", "19800102-****"),
            ("491223tf94 går", "491223-**** går"),
            ("19800102123456", "19800102-****"),
            ("2026-01-31 at 08:15:00", "2026-01-31 at 08:15:00"),
            ("unit 123456 has 1234 rows", "unit 123456 has 1234 rows"),
            ("file 20260131.csv", "file 20260131.csv"),
            ("å 800102-1234 ö", "å 800102-**** ö"),
            ("", ""),
        ] {
            assert_eq!(mask_in(text), shown, "{text}");
        }
    }

    proptest! {
        /// However it is written and whatever stands around it, the end of a number is never seen.
        #[test]
        fn no_number_is_seen(
            before in "[^0-9]{0,5}",
            date in "[0-9]{6}|[0-9]{8}",
            sign in "[-+ ]?",
            tail in "[0-9]{4}|TF[0-9]{2}|T[0-9]{3}",
            after in "([^0-9A-Za-z].{0,5})?",
        ) {
            let masked = mask_in(&format!("{before}{date}{sign}{tail}{after}"));
            let start = before + &date;
            prop_assert!(masked.starts_with(&format!("{start}-****")), "{}", masked);
        }
    }
}
