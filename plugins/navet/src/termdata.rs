//! The flat file of terms: posts of lines, each a term's number and its value.
//!
//! It is read line by line, since a municipality's whole population may be in it. Only some of the terms have published
//! numbers; the others are the operator's to say.

use crate::number::Number;
use crate::post::{Address, Post, Reading, said};
use crate::protection::{Mark, Protection};
use crate::text::{self, Encoding};
use sluss_sdk::Error;
use sluss_xml::Broken;
use std::collections::BTreeMap;
use std::io::{BufRead, Read as _};

const BEGIN: &str = "#POST_START";
const END: &str = "#POST_SLUT";
const TERM: &str = "#UP ";

/// The longest line; the register's own values end before a hundred letters.
const LONGEST_LINE: u64 = 8 * 1024;
/// The most values in one post.
const MOST_TERMS: usize = 4096;

/// The terms whose numbers are published.
const PUBLISHED: [(&str, &str); 8] = [
    ("number", "01001"),
    ("assigned", "01002"),
    ("secrecy-marking", "01003"),
    ("name-mark", "01011"),
    ("first-names", "01012"),
    ("middle-name", "01013"),
    ("surname", "01014"),
    ("protected-registration", "01020"),
];

/// The terms whose numbers are not.
const OTHERS: [&str; 12] = [
    "references",
    "deregistration-code",
    "deregistered",
    "death",
    "status",
    "county",
    "municipality",
    "care-of",
    "street-further",
    "street",
    "postal-code",
    "town",
];

/// Which term has which number.
#[derive(Debug, Clone)]
pub struct Terms(BTreeMap<&'static str, String>);

impl Terms {
    /// The published numbers, and those that the operator says.
    pub fn new(own: &BTreeMap<String, String>) -> Result<Terms, Error> {
        let mut terms: BTreeMap<&str, String> = PUBLISHED.map(|(name, code)| (name, code.to_owned())).into();
        for (name, code) in own {
            let Some(known) = PUBLISHED.map(|(known, _)| known).into_iter().chain(OTHERS).find(|known| known == name)
            else {
                let known = PUBLISHED.map(|(known, _)| known).into_iter().chain(OTHERS).collect::<Vec<_>>().join(", ");
                return Err(Error::config(format!("terms: there is no `{name}`; there are {known}")));
            };
            if code.is_empty() || code.len() > 8 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(Error::config(format!("terms: `{name}` is to be a term's number, such as \"01012\"")));
            }
            terms.insert(known, code.clone());
        }
        let mut codes: Vec<&String> = terms.values().collect();
        codes.sort_unstable();
        if codes.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::config("terms: two of them have the same number"));
        }
        Ok(Terms(terms))
    }
}

/// A post of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    /// It is whole.
    Post(Box<Post>),
    /// It cannot be used.
    Flawed {
        /// Whose it is, as far as that can be told.
        number: Option<Number>,
        /// The line that it begins on.
        line: u32,
    },
}

/// A post under way.
struct Draft {
    line: u32,
    values: Vec<(String, String)>,
    is_flawed: bool,
}

impl Draft {
    fn new(line: u32) -> Draft {
        Draft { line, values: Vec::new(), is_flawed: false }
    }

    fn take(&mut self, line: &str) {
        // Whatever else a post may have in it, its lines begin like this.
        self.is_flawed |= !line.starts_with('#');
        let Some(rest) = line.strip_prefix(TERM) else { return };
        let (code, value) = rest.trim_start().split_once(' ').unwrap_or((rest.trim(), ""));
        if self.values.len() == MOST_TERMS {
            self.is_flawed = true;
            return;
        }
        self.values.push((code.to_owned(), value.trim().to_owned()));
    }

    fn entry(mut self, terms: &Terms, reading: Reading) -> Entry {
        let values = |name: &str| {
            let code = terms.0.get(name);
            self.values.iter().filter(move |(own, _)| Some(own) == code).map(|(_, value)| value.as_str())
        };
        let value = |name: &str| values(name).next();
        // The marks are read as they stand: an empty one is neither yes nor no.
        let protection = Protection::of_marks(
            Mark::of(value("secrecy-marking")),
            Mark::of(value("protected-registration")),
            reading.silence,
        );
        let number = |name: &str| value(name).and_then(Number::read);
        let post = Post::about(number("number"), number("assigned"), protection);
        let is_doubtful = terms.0.keys().filter(|name| **name != "references").any(|name| {
            let first = value(name);
            values(name).any(|other| Some(other) != first)
        });
        let text = |name: &str| said(value(name));
        let filled = post.map(|mut post| {
            values("references").filter(|text| !text.is_empty()).for_each(|text| post.refers_to(text));
            let address = Address {
                care_of: text("care-of"),
                further: text("street-further"),
                street: text("street"),
                postal_code: text("postal-code"),
                town: text("town"),
            };
            Post {
                name_mark: text("name-mark"),
                first_names: text("first-names"),
                middle_name: text("middle-name"),
                surname: text("surname"),
                cause: text("deregistration-code"),
                deregistered: text("deregistered"),
                death: text("death"),
                status: text("status"),
                county: text("county"),
                municipality: text("municipality"),
                address: Some(address).filter(|_| post.shows_address(reading)),
                ..post
            }
        });
        self.is_flawed |= is_doubtful;
        match filled {
            Some(post) if !self.is_flawed => Entry::Post(Box::new(post)),
            other => Entry::Flawed { number: other.map(|post| post.number), line: self.line },
        }
    }
}

/// Reads a file, post by post. The last one may not have ended: then the file was cut off, and the answer is no.
pub fn read(
    mut file: impl BufRead,
    encoding: Encoding,
    terms: &Terms,
    reading: Reading,
    mut each: impl FnMut(Entry) -> Result<(), Error>,
) -> Result<bool, Error> {
    let (mut draft, mut bytes, mut number): (Option<Draft>, Vec<u8>, u32) = (None, Vec::new(), 0);
    let mut is_ours = false;
    loop {
        bytes.clear();
        if (&mut file).take(LONGEST_LINE + 1).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        number = number.saturating_add(1);
        if bytes.len() as u64 > LONGEST_LINE {
            return Err(unusable(Broken::Text));
        }
        let line = if number == 1 { text::unmarked(&bytes) } else { &bytes };
        let line = encoding.decode(line.trim_ascii());
        match (line.as_deref(), &mut draft) {
            (Ok(BEGIN), open) => {
                is_ours = true;
                if let Some(open) = open.replace(Draft::new(number)) {
                    each(Draft { is_flawed: true, ..open }.entry(terms, reading))?;
                }
            }
            (Ok(END), open) => {
                if let Some(open) = open.take() {
                    each(open.entry(terms, reading))?;
                }
            }
            (Ok(""), _) | (_, None) => {}
            (Ok(line), Some(open)) => open.take(line),
            (Err(_), Some(open)) => open.is_flawed = true,
        }
    }
    let Some(open) = draft else { return if is_ours { Ok(true) } else { Err(unusable(Broken::Kind)) } };
    each(Draft { is_flawed: true, ..open }.entry(terms, reading))?;
    Ok(false)
}

fn unusable(broken: Broken) -> Error {
    Error::invalid(format!("The file cannot be used: {broken}"))
}
