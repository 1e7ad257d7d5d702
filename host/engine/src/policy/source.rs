//! A policy file as text: turns offsets into lines and columns, also inside quoted and escaped strings.
//!
//! A fault in an expression is shown where the expression is written, not where its string begins.

use crate::fault::Place;
use std::ops::Range;

/// One file of the policy.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// The file, as the operator knows it.
    pub(super) file: &'a str,
    /// Its text.
    pub(super) text: &'a str,
    lines: Vec<usize>,
}

impl<'a> Source<'a> {
    /// A file and its text.
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Source { file, text, lines }
    }

    /// The line and column of a byte offset, both from 1; columns count characters.
    pub(super) fn place(&self, offset: usize) -> Place {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        let column = self.text[start..offset].chars().count() + 1;
        Place { file: self.file.to_owned(), line: u32::try_from(line).ok(), column: u32::try_from(column).ok() }
    }

    /// The text of a span, on one line and not longer than fits one.
    pub(super) fn excerpt(&self, span: Range<usize>) -> String {
        let text = self.text.get(span).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let short: String = line.chars().take(EXCERPT).collect();
        if short.len() < text.trim_end().len() { format!("{short}…") } else { short }
    }

    /// For a string value that stands at `span`: where each byte of the string's content is in the file, and last
    /// where the content ends.
    pub(super) fn content_offsets(&self, span: Range<usize>) -> Vec<usize> {
        let raw = self.text.get(span.clone()).unwrap_or_default();
        let quote = raw.chars().next().unwrap_or('"');
        let triple: String = std::iter::repeat_n(quote, 3).collect();
        let width = if raw.len() >= 6 && raw.starts_with(&triple) { 3 } else { 1 };
        let mut inner = width..raw.len().saturating_sub(width).max(width);
        if width == 3 {
            // A line break right after the opening quotes does not belong to the content.
            let body = &raw[inner.clone()];
            inner.start += if body.starts_with("\r\n") { 2 } else { usize::from(body.starts_with('\n')) };
        }
        let mut offsets = Vec::with_capacity(inner.len() + 1);
        let mut rest = inner.start;
        while rest < inner.end {
            let step = if quote == '"' { escape(&raw[rest..inner.end]) } else { None };
            let (read, gives) = step.unwrap_or_else(|| {
                let len = raw[rest..].chars().next().map_or(1, char::len_utf8);
                (len, len)
            });
            offsets.extend((0..gives).map(|at| span.start + rest + if read == gives { at } else { 0 }));
            rest += read;
        }
        offsets.push(span.start + inner.end);
        offsets
    }
}

/// How much of a file is quoted in a fault.
const EXCERPT: usize = 80;

/// The bytes that an escape at the beginning of `text` takes in the file, and how many it stands for.
fn escape(text: &str) -> Option<(usize, usize)> {
    let rest = text.strip_prefix('\\')?;
    let digits = match rest.chars().next()? {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        ' ' | '\t' | '\n' | '\r' => return Some((1 + rest.len() - rest.trim_start().len(), 0)),
        other => return Some((1 + other.len_utf8(), 1)),
    };
    let code = rest.get(1..=digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32)?;
    Some((2 + digits, code.len_utf8()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Source;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let source = Source::new("p.toml", "a = 'ö'\nbö = 2\n");
        let at = |needle: &str| {
            let place = source.place(source.text.find(needle).unwrap());
            (place.line.unwrap(), place.column.unwrap())
        };
        assert_eq!(at("a ="), (1, 1));
        assert_eq!(at("'\n"), (1, 7));
        assert_eq!(at("= 2"), (2, 4));
        assert_eq!(source.place(999).line, Some(3));
    }

    /// Every byte of the decoded content points at the text that it came from.
    #[test]
    fn content_is_found_again_behind_quotes_and_escapes() {
        for (raw, content, needle, expected) in [
            ("x = 'ab+c'", "ab+c", "+", 7),
            (r#"x = "a\"b+c""#, "a\"b+c", "+", 9),
            (r#"x = "\u00e5+c""#, "å+c", "+", 11),
            ("x = '''\nab\n+c'''", "ab\n+c", "+", 11),
            ("x = \"\"\"a\\\n   b+c\"\"\"", "ab+c", "+", 14),
            ("x = ''", "", "", 5),
        ] {
            let source = Source::new("p.toml", raw);
            let decoded = toml::from_str::<toml::Table>(raw).unwrap();
            assert_eq!(decoded["x"].as_str(), Some(content), "{raw}");
            let offsets = source.content_offsets(4..raw.len());
            assert_eq!(offsets.len(), content.len() + 1, "{raw}");
            assert_eq!(offsets[content.find(needle).unwrap()], expected, "{raw}");
        }
    }
}
