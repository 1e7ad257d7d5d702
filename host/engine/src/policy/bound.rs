//! How large an expression may be, judged from its text before anything goes down into it.
//!
//! A parser and an evaluator that follow the nesting of a text must not meet one that is deeper than their stack. What
//! is beyond these bounds could not be read by an administrator either.

/// The longest expression, in bytes.
const LONGEST: usize = 1_000;

/// The most operators, brackets and commas.
const MOST_PARTS: usize = 150;

/// The deepest brackets.
const DEEPEST: usize = 12;

/// Refuses an expression that is too large, and one that is not there.
pub(super) fn bounded(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("there is no expression".to_owned());
    }
    if text.len() > LONGEST {
        return Err(format!("the expression is {} bytes long; {LONGEST} are allowed", text.len()));
    }
    let (mut parts, mut depth, mut deepest) = (0usize, 0usize, 0usize);
    let mut rest = text;
    let mut before = ' ';
    while let Some(letter) = rest.chars().next() {
        rest = match letter {
            '\'' | '"' => behind(rest, matches!(before, 'r' | 'R')),
            _ => &rest[letter.len_utf8()..],
        };
        match letter {
            '(' | '[' | '{' => {
                depth += 1;
                deepest = deepest.max(depth);
                parts += 1;
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '\'' | '"' | '_' => {}
            letter => parts += usize::from(letter.is_ascii_punctuation()),
        }
        before = letter;
    }
    if deepest > DEEPEST {
        return Err(format!("brackets are {deepest} deep; {DEEPEST} are allowed"));
    }
    if parts > MOST_PARTS {
        return Err(format!("the expression has {parts} parts; {MOST_PARTS} are allowed"));
    }
    Ok(())
}

/// What stands behind the quoted text that `text` begins with. In a raw one a backslash is only a backslash.
fn behind(text: &str, raw: bool) -> &str {
    let triple = text.starts_with("'''") || text.starts_with("\"\"\"");
    let (quotes, mut rest) = text.split_at(if triple { 3 } else { 1 });
    while let Some(letter) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix(quotes) {
            return behind;
        }
        rest = &rest[letter.len_utf8()..];
        if letter == '\\' && !raw {
            rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::{behind, bounded};

    #[test]
    fn quoted_texts_are_passed_over() {
        for (text, raw, rest) in [
            ("'a' + b", false, " + b"),
            ("'a\\'b' + c", false, " + c"),
            ("'a\\' + c", true, " + c"),
            ("'''a'b''' + c", false, " + c"),
            ("\"\"\"a\"b\"\"\"c", false, "c"),
            ("'' + c", false, " + c"),
            ("'åä", false, ""),
            ("'a\\", false, ""),
        ] {
            assert_eq!(behind(text, raw), rest, "{text}");
        }
    }

    #[test]
    fn what_is_quoted_does_not_count() {
        let brackets = "(".repeat(200);
        assert_eq!(bounded(&format!("'{brackets}'")), Ok(()));
        assert_eq!(bounded(&format!("r'\\' + '{brackets}'")), Ok(()));
        assert!(bounded(&format!("r'\\' + {brackets}")).is_err());
        assert!(bounded(&format!("'''a'b''' + {brackets}")).is_err());
    }
}
