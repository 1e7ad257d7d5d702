//! Cleans every text that comes from a plugin before anyone sees it.
//!
//! A plugin's message may carry terminal escapes, a megabyte of noise, an identity number or a secret that a server
//! echoed. What passes here is short, printable and free of both; it masks too much rather than too little.

use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The most bytes that are left of one text.
pub const LONGEST: usize = 2048;

/// Room behind the cap in which a number that straddles it is still seen whole.
const MARGIN: usize = 64;

/// What stands where an identity number stood.
const MASK: &str = "[number]";

/// Six or eight digits of a date, then four digits (a number), two letters and two digits (TF, reserve numbers) or one
/// letter and three digits (T and interim numbers), however they are set apart; and any run of ten digits or more.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        [0-9]{10,} (?: [A-Za-z]{1,2} [0-9]{2,3} )?
        | (?:[0-9]{2})? [0-9]{2} [-.\x20]? [0-9]{2} [-.\x20]? [0-9]{2}
          \x20? [-+_/–—−‐‑]? \x20?
          (?: [0-9]{4} | [A-Za-z]{2}[0-9]{2} | [A-Za-z][0-9]{3} )
        ",
    )
    .expect("the pattern is a constant")
});

/// Puts a mask over whatever looks like a Swedish identity number: with or without century and sign, coordination
/// numbers, TF, T, interim and reserve numbers.
pub fn mask_numbers(text: &str) -> Cow<'_, str> {
    NUMBER.replace_all(text, MASK)
}

/// What must not be seen of one connector's texts, beside what nobody's may show.
#[derive(Clone, Default)]
pub struct Scrubber {
    /// Longest first, so that a secret that contains another is replaced whole.
    secrets: Vec<String>,
}

impl Scrubber {
    /// A scrubber that also replaces these secrets. Empty ones are left out.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        Scrubber { secrets }
    }

    /// The text without escapes, control characters, secrets and identity numbers, and not too long.
    pub fn clean(&self, text: &str) -> String {
        let longest_secret = self.secrets.first().map_or(0, String::len);
        let (head, cut) = cap(text, LONGEST + MARGIN + longest_secret);
        let mut clean = printable(head);
        for secret in &self.secrets {
            if clean.contains(secret.as_str()) {
                clean = clean.replace(secret.as_str(), "***");
            }
        }
        if let Cow::Owned(masked) = mask_numbers(&clean) {
            clean = masked;
        }
        let (kept, cut_again) = cap(&clean, LONGEST);
        if cut || cut_again {
            let length = kept.len();
            clean.truncate(length);
            clean.push('…');
        }
        clean
    }

    /// The end of a text, cleaned: what a plugin said last, before it failed.
    pub fn clean_tail(&self, text: &str) -> String {
        self.clean(text.trim())
    }
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scrubber({} secrets)", self.secrets.len())
    }
}

/// The longest beginning of at most `most` bytes, and whether something was left out.
fn cap(text: &str, most: usize) -> (&str, bool) {
    if text.len() <= most { (text, false) } else { (&text[..text.floor_char_boundary(most)], true) }
}

/// Line breaks and tabs become one space; terminal escape sequences, other control characters and invisible or
/// direction-changing characters go.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            invisible if invisible.is_control() || is_invisible(invisible) => {}
            visible => out.push(visible),
        }
    }
    out
}

fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_control_sequence(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            // A string sequence ends with a bell or with ESC and a backslash.
            while let Some(char) = chars.next() {
                if char == '\u{7}' || char == '\u{9c}' {
                    break;
                }
                if char == '\u{1b}' && chars.peek() == Some(&'\\') {
                    chars.next();
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Skips parameters up to and including the final byte.
fn skip_control_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(&char) = chars.peek() {
        if !('\u{20}'..='\u{7e}').contains(&char) {
            break;
        }
        chars.next();
        if ('\u{40}'..='\u{7e}').contains(&char) {
            break;
        }
    }
}

fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_number_is_masked() {
        for number in [
            "198602212394",
            "8602212394",
            "19860221-2394",
            "860221-2394",
            "860221+2394",
            "1986-02-21-2394",
            "19860221 2394",
            "86 02 21 2394",
            "860221–2394",
            "701063-2391",
            "20130101TF01",
            "20130101-TF01",
            "130101tf01",
            "20200101-T123",
            "98240301AA06",
            "20210325K069",
        ] {
            let text = format!("duplicate of <{number}>, line 3");
            assert_eq!(mask_numbers(&text), "duplicate of <[number]>, line 3", "{number}");
            let glued = format!("uid={number},ou=x");
            assert!(!mask_numbers(&glued).contains("2394") && mask_numbers(&glued).contains(MASK), "{glued}");
        }
    }

    #[test]
    fn numbers_inside_longer_runs_are_masked() {
        assert_eq!(mask_numbers("x1198602212394000y"), "x[number]y");
        assert_eq!(mask_numbers("a_19860221-2394_b"), "a_[number]_b");
    }

    #[test]
    fn what_is_no_number_stays() {
        for text in [
            "2026-11-21 10:15:00 and 2026-11-21T10:15:00Z",
            "employments.csv:12:7: column ANSTNR",
            "1.2.840.113556.1.4.841",
            "code 80090308, 192.168.10.100:636",
            "wrote 123456 of 654321 bytes",
        ] {
            assert_eq!(mask_numbers(text), text);
        }
    }

    #[test]
    fn invisible_characters_cannot_hide_a_number_or_a_secret() {
        let scrubber = Scrubber::new(["hemligt".to_owned(), String::new()]);
        assert_eq!(scrubber.clean("1986\u{200b}0221\u{1b}[0m2394"), "[number]");
        assert_eq!(scrubber.clean("password hem\u{7}ligt refused"), "password *** refused");
    }

    #[test]
    fn terminal_escapes_go() {
        let scrubber = Scrubber::default();
        assert_eq!(scrubber.clean("a\u{1b}[31;1mred\u{1b}[0m b\r\n\tc"), "ared b c");
        assert_eq!(scrubber.clean("\u{1b}]0;title\u{7}x\u{1b}]8;;http://evil\u{1b}\\y\u{9b}2Jz"), "xyz");
        assert_eq!(scrubber.clean("left\u{202e}right"), "leftright");
    }

    #[test]
    fn a_long_text_is_cut_and_nothing_leaks_at_the_cut() {
        let scrubber = Scrubber::new(["s3cret-s3cret-s3cret".to_owned()]);
        for offset in 0..40 {
            let text =
                format!("{}s3cret-s3cret-s3cret 198602212394 {}", "å".repeat((LONGEST - offset) / 2), "x".repeat(9000));
            let clean = scrubber.clean(&text);
            assert!(clean.len() <= LONGEST + '…'.len_utf8());
            assert!(clean.ends_with('…'));
            assert!(!clean.contains("s3c") && !clean.contains("1986"), "offset {offset}");
        }
    }

    #[test]
    fn a_secret_within_another_goes_with_it() {
        let scrubber = Scrubber::new(["abc".to_owned(), "abcdef".to_owned()]);
        assert_eq!(scrubber.clean("abcdef abc"), "*** ***");
        assert_eq!(format!("{scrubber:?}"), "Scrubber(2 secrets)");
    }
}
