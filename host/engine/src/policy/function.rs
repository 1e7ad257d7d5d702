//! The functions that expressions may call: our own for names, and those of CEL that a policy has use for.
//!
//! There is no clock among them, and nothing that reads or waits: the same person always gives the same answer.

use crate::names;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cel::common::types::{CelInt, CelList, CelString};
use cel::common::value::Val;
use cel::{Context, ExecutionError, FunctionContext, Value};
use std::borrow::Cow;

/// A function of our own from text to text.
pub(super) type TextFunction = for<'a> fn(&'a str) -> Cow<'a, str>;

/// A function.
pub(super) struct Function {
    /// Its name.
    pub(super) name: &'static str,
    /// How it is called.
    pub(super) usage: &'static str,
    /// What it gives.
    pub(super) about: &'static str,
    /// How it is carried out.
    pub(super) call: Call,
}

/// How a function is carried out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    /// By us, from text to text.
    Text(TextFunction),
    /// By us, from text to text, where the text is one that it can be made of.
    Checked(fn(&str) -> Option<String>),
    /// By us: the first characters.
    Take,
    /// By us: texts with something between.
    Join,
    /// By CEL.
    Cel,
    /// By CEL, expanded when it is read.
    Macro,
}

const fn ours(name: &'static str, usage: &'static str, about: &'static str, function: TextFunction) -> Function {
    Function { name, usage, about, call: Call::Text(function) }
}

const fn cel(name: &'static str, usage: &'static str, about: &'static str) -> Function {
    Function { name, usage, about, call: Call::Cel }
}

const fn expanded(name: &'static str, usage: &'static str, about: &'static str) -> Function {
    Function { name, usage, about, call: Call::Macro }
}

/// Every function.
pub(super) static FUNCTIONS: &[Function] = &[
    ours("ascii", "ascii(text)", "the text in ASCII: å → a, ö → o, æ → ae, ß → ss", names::transliterate),
    ours("letters", "letters(text)", "its letters in ASCII and small, and nothing else", letters),
    ours("digits", "digits(text)", "its digits, and nothing else", digits),
    ours("lower", "lower(text)", "the text in small letters", |text| Cow::Owned(text.to_lowercase())),
    ours("upper", "upper(text)", "the text in capitals", |text| Cow::Owned(text.to_uppercase())),
    ours("trim", "trim(text)", "the text without spaces at its ends", |text| Cow::Borrowed(text.trim())),
    ours("local_part", "local_part(text)", "the text as it may stand before an @: anna.berg-ek", |text| {
        Cow::Owned(names::local_part(text))
    }),
    Function {
        name: "take",
        usage: "take(text, count)",
        about: "its first characters, at most so many",
        call: Call::Take,
    },
    Function {
        name: "join",
        usage: "join(list, text)",
        about: "the texts of a list with a text between them; empty ones are left out",
        call: Call::Join,
    },
    Function {
        name: "immutable_id",
        usage: "immutable_id(text)",
        about: "a GUID as Entra ID's immutableId has it: its 16 bytes, the first three groups turned round, in base64",
        call: Call::Checked(immutable_id),
    },
    cel("size", "size(text or list)", "how many characters or elements"),
    cel("contains", "text.contains(text)", "whether the one is in the other"),
    cel("startsWith", "text.startsWith(text)", "whether it begins so"),
    cel("endsWith", "text.endsWith(text)", "whether it ends so"),
    cel("matches", "text.matches(pattern)", "whether a regular expression is found in it"),
    cel("string", "string(value)", "the value as text"),
    cel("int", "int(value)", "the value as a whole number"),
    cel("double", "double(value)", "the value as a number with a fraction"),
    expanded("has", "has(a.b)", "whether the field is there"),
    expanded("exists", "list.exists(x, condition)", "whether any element meets the condition"),
    expanded("all", "list.all(x, condition)", "whether every element meets the condition"),
    expanded("exists_one", "list.exists_one(x, condition)", "whether exactly one element meets the condition"),
    expanded("filter", "list.filter(x, condition)", "the elements that meet the condition"),
    expanded("map", "list.map(x, expression)", "what the expression gives for each element"),
];

/// The letters of a text, small and in ASCII.
fn letters(text: &str) -> Cow<'_, str> {
    let kept =
        names::transliterate(text).chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    Cow::Owned(kept)
}

/// The digits of a text.
fn digits(text: &str) -> Cow<'_, str> {
    Cow::Owned(text.chars().filter(char::is_ascii_digit).collect())
}

/// A GUID in the form in which Entra ID knows an account of Active Directory. Microsoft keeps the first three groups of a
/// GUID with the lowest byte first, and writes them with the highest first.
fn immutable_id(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let groups: Vec<&str> = text.split('-').collect();
    if groups.iter().map(|group| group.len()).ne([8, 4, 4, 4, 12]) {
        return None;
    }
    let mut bytes = Vec::with_capacity(16);
    for (place, group) in groups.into_iter().enumerate() {
        if !group.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let start = bytes.len();
        for at in (0..group.len()).step_by(2) {
            bytes.push(u8::from_str_radix(group.get(at..at + 2)?, 16).ok()?);
        }
        if place < 3 {
            bytes[start..].reverse();
        }
    }
    Some(BASE64_STANDARD.encode(bytes))
}

/// The first `count` characters.
pub(super) fn take(text: &str, count: i64) -> &str {
    let count = usize::try_from(count).unwrap_or(0);
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// The texts of a list with `between` between them; empty ones are left out.
fn join<'t>(texts: impl Iterator<Item = &'t str>, between: &str) -> String {
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(between)
}

/// CEL's own functions and ours, ready to evaluate.
pub(super) fn context() -> Context<'static, 'static> {
    let mut context = Context::default();
    for function in FUNCTIONS {
        let name = function.name;
        let added = match function.call {
            Call::Text(call) => context.add_function(name, move |ftx: &FunctionContext<'_, '_>| {
                arguments::<1>(ftx).and_then(|[argument]| Ok(Value::from(call(text(ftx, argument)?).into_owned())))
            }),
            Call::Checked(call) => context.add_function(name, move |ftx: &FunctionContext<'_, '_>| {
                let [argument] = arguments::<1>(ftx)?;
                let made = call(text(ftx, argument)?);
                made.map(Value::from).ok_or_else(|| ExecutionError::function_error(name, "not what it can be made of"))
            }),
            Call::Take => context.add_function(name, |ftx: &FunctionContext<'_, '_>| {
                let [argument, count] = arguments::<2>(ftx)?;
                let count = count.downcast_ref::<CelInt>().ok_or_else(|| unfit(ftx))?;
                Ok::<_, ExecutionError>(Value::from(take(text(ftx, argument)?, *count.inner())))
            }),
            Call::Join => context.add_function(name, |ftx: &FunctionContext<'_, '_>| {
                let [list, between] = arguments::<2>(ftx)?;
                let list = list.downcast_ref::<CelList<'_>>().ok_or_else(|| unfit(ftx))?;
                let texts: Result<Vec<&str>, _> = list
                    .inner()
                    .iter()
                    .map(|element| element.downcast_ref::<CelString<'_>>())
                    .map(|text| text.map(CelString::inner).ok_or_else(|| unfit(ftx)))
                    .collect();
                Ok(Value::from(join(texts?.into_iter(), text(ftx, between)?)))
            }),
            Call::Cel | Call::Macro => Ok(()),
        };
        added.expect("CEL has no function of this name");
    }
    context
}

/// The arguments of a call that needs so many.
fn arguments<'c, const N: usize>(ftx: &'c FunctionContext<'_, '_>) -> Result<[&'c dyn Val; N], ExecutionError> {
    let arguments: Vec<&dyn Val> = ftx.this.iter().chain(&ftx.args).map(|argument| &**argument).collect();
    arguments.try_into().map_err(|_| unfit(ftx))
}

/// The text of an argument.
fn text<'v>(ftx: &FunctionContext<'_, '_>, value: &'v dyn Val) -> Result<&'v str, ExecutionError> {
    value.downcast_ref::<CelString<'_>>().map(CelString::inner).ok_or_else(|| unfit(ftx))
}

/// The function was called with something that it does not take.
fn unfit(ftx: &FunctionContext<'_, '_>) -> ExecutionError {
    let kinds = ftx.this.iter().chain(&ftx.args).map(|argument| argument.get_type().name().to_owned()).collect();
    ExecutionError::no_such_overload(ftx.name, kinds)
}
