//! One expression of a policy: read, bounded and checked when the file is loaded.
//!
//! What passes here can still lack an answer for one person (a table without that organisation), but never for all.

use super::bound::bounded;
use super::check::{self, Checked};
use super::fault::PolicyFault;
use super::feed::Feed;
use super::quick::Quick;
use super::section::At;
use super::vocabulary::{Kind, Setting, Words};
use crate::fault::Place;
use cel::IdedExpr;
use cel::parser::{ParseError, Parser};
use std::ops::Range;

/// An expression that passed every check.
#[derive(Debug)]
pub struct Expression {
    /// As it is written.
    pub text: String,
    /// Where it begins.
    pub place: Place,
    /// The rule that it belongs to: `name.mail`.
    pub rule: String,
    /// What it asks other accounts of the person for.
    pub feeds: Vec<Feed>,
    /// What CEL evaluates.
    pub(super) tree: IdedExpr,
    /// The fast form, where it has one.
    pub(super) quick: Option<Quick>,
}

/// What an expression is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// One text.
    Text,
    /// One text or a list of texts.
    Texts,
    /// True or false.
    Boolean,
    /// A value or a list of values.
    Values,
}

impl Want {
    fn described(self) -> &'static str {
        match self {
            Want::Text => "text",
            Want::Texts => "text or a list of texts",
            Want::Boolean => "true or false",
            Want::Values => "a value or a list of values",
        }
    }

    fn accepts(self, kind: &Kind) -> bool {
        let text = |kind: &Kind| matches!(kind, Kind::Text | Kind::Any | Kind::Nothing);
        match (self, kind) {
            (Want::Text, kind) => text(kind),
            (Want::Texts, Kind::List(element)) => text(element),
            (Want::Texts, kind) => text(kind),
            (Want::Boolean, kind) => matches!(kind, Kind::Boolean | Kind::Any),
            (Want::Values, Kind::List(element)) => element.is_plain(),
            (Want::Values, kind) => kind.is_plain(),
        }
    }
}

impl Expression {
    /// Reads and checks an expression; every fault that it has is noted.
    pub(super) fn compile(at: &At<'_>, rule: &str, setting: Setting, want: Want, words: &Words) -> Option<Expression> {
        let text = at.text()?;
        let written = Written { at, text, offsets: at.file.source.content_offsets(at.value.span()) };
        if let Err(message) = bounded(text) {
            at.fault(message, Some("split the rule, or move what differs into a table".to_owned()));
            return None;
        }
        let (tree, places) = match Parser::new().parse_with_source_info(text) {
            Ok(read) => read,
            Err(errors) => {
                written.syntax(errors.errors);
                return None;
            }
        };
        let Checked { kind, complaints, asked } = check::check(&tree, &places, rule, setting, words);
        let sound = complaints.is_empty();
        for complaint in complaints {
            written.fault(complaint.span, complaint.message, complaint.help);
        }
        if !want.accepts(&kind) {
            let message = format!("this gives {}, and {} is wanted", kind.described(), want.described());
            written.fault(0..text.len(), message, None);
            return None;
        }
        let quick = Quick::compile(&tree, words);
        let place = written.place(0);
        let feed = |asked: check::Asked| Feed {
            place: written.place(asked.span.start),
            text: text.get(asked.span).unwrap_or(text).to_owned(),
            rule: asked.rule,
            attribute: asked.attribute,
        };
        let feeds = asked.into_iter().map(feed).collect();
        sound.then(|| Expression { text: text.to_owned(), place, rule: rule.to_owned(), feeds, tree, quick })
    }
}

/// An expression as it stands in its file.
struct Written<'w, 'a> {
    at: &'w At<'a>,
    text: &'w str,
    offsets: Vec<usize>,
}

impl Written<'_, '_> {
    fn offset(&self, at: usize) -> usize {
        self.offsets.get(at).or(self.offsets.last()).copied().unwrap_or_default()
    }

    fn place(&self, at: usize) -> Place {
        self.at.file.source.place(self.offset(at))
    }

    /// Notes a fault at some bytes of the expression.
    fn fault(&self, span: Range<usize>, message: String, help: Option<String>) {
        let text = self.text.get(span.clone()).filter(|text| !text.is_empty()).unwrap_or(self.text);
        let text = text.lines().next().unwrap_or_default().to_owned();
        self.at.file.notes.fault(PolicyFault { place: self.place(span.start), text, message, help });
    }

    /// Notes the first of CEL's syntax errors: the others follow from it.
    fn syntax(&self, errors: Vec<ParseError>) {
        let partial = |error: &ParseError| error.msg.starts_with("Incomplete");
        let Some(error) = errors.iter().find(|error| !partial(error)).or(errors.first()) else { return };
        let raw = error.msg.strip_prefix("Syntax error: ");
        let at = self.byte(error.pos, raw.is_some());
        let (message, help) = explained(raw.unwrap_or(&error.msg));
        self.fault(at..self.text.len(), message, help);
    }

    /// The byte at a line and column of CEL's. Its lexer counts characters, its tree bytes.
    fn byte(&self, (line, column): (isize, isize), characters: bool) -> usize {
        let line = usize::try_from(line).unwrap_or(1).max(1);
        let column = usize::try_from(column).unwrap_or(1).max(1) - 1;
        let start: usize = self.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let rest = &self.text[start..];
        let within = if characters { rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at) } else { column };
        (start + within).min(self.text.len())
    }
}

/// A syntax error of CEL's in plain words.
fn explained(raw: &str) -> (String, Option<String>) {
    let quoted = |raw: &str| {
        raw.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\'')).map(|(text, _)| text.trim().to_owned())
    };
    if raw.starts_with("mismatched input '<EOF>'")
        || raw.starts_with("no viable alternative")
        || raw.contains("at '<EOF>'")
    {
        return ("the expression ends before it is complete".to_owned(), None);
    }
    if raw.starts_with("token recognition error") {
        let text = quoted(raw).unwrap_or_default();
        let help = match text.chars().next() {
            Some('\'' | '"') => Some("a text needs a quote at its end, too".to_owned()),
            Some('=') => Some("to compare, write ==".to_owned()),
            Some('&') => Some("for both, write &&".to_owned()),
            Some('|') => Some("for either, write ||".to_owned()),
            _ => None,
        };
        return (format!("`{text}` means nothing here"), help);
    }
    if raw.starts_with("mismatched input") || raw.starts_with("extraneous input") {
        let text =
            raw.split_once("' expecting").and_then(|(text, _)| text.split_once('\'')).map_or("this", |(_, text)| text);
        return (format!("`{text}` cannot stand here"), None);
    }
    (raw.to_owned(), None)
}
