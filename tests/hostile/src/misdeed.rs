//! What a connector can do wrong.

use crate::attempt;
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::files::Folder;
use sluss_sdk::{Error, Page, log};
use std::hint::black_box;
use std::io::Write;

/// What is done wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Misdeed {
    /// Nothing.
    #[default]
    None,
    /// Never comes back.
    Loop,
    /// Wants memory without end.
    Allocate,
    /// Calls itself without end.
    Recurse,
    /// Returns 100 MB.
    Flood,
    /// Reads outside its folder.
    Escape,
    /// Uses connections that it was not granted.
    Dial,
    /// Does half of a batch and panics.
    TrapMidBatch,
    /// Gives one outcome too few.
    Liar,
    /// Gives the same cursor for ever.
    Endless,
    /// Gives the same record behind a new cursor for ever.
    Circle,
    /// Floods the log and leaks an identity number.
    Chatter,
    /// As a register, answers about somebody else.
    Impostor,
    /// As a register, answers with something that is no number.
    Gibberish,
    /// Says of one record that it is about two persons, and that it cannot be read.
    Contradict,
}

/// How much a flood is.
const FLOOD: usize = 100_000_000;
/// One of the identity numbers that Skatteverket publishes for tests.
pub const NUMBER: &str = "19800102-2386";
/// Another.
pub const OTHER: &str = "19800366-2395";

impl Misdeed {
    /// Does it, and gives the page to answer with where it comes to that.
    pub fn commit(self, folder: &Folder) -> Result<Option<Page>, Error> {
        match self {
            Misdeed::None | Misdeed::TrapMidBatch | Misdeed::Liar | Misdeed::Contradict | Misdeed::Circle => Ok(None),
            Misdeed::Impostor | Misdeed::Gibberish => Ok(None),
            Misdeed::Loop => endless_loop(),
            Misdeed::Allocate => allocate(),
            Misdeed::Recurse => {
                log::debug(format!("came back from depth {}", recurse(1)));
                Ok(None)
            }
            Misdeed::Flood => {
                let mut page = Page::new(&["first-names"]);
                page.row("1").text("x".repeat(FLOOD));
                Ok(Some(page))
            }
            Misdeed::Escape => Ok(Some(attempt::escapes(folder))),
            Misdeed::Dial => Ok(Some(attempt::dials())),
            Misdeed::Endless => {
                let mut page = Page::new(&["first-names"]);
                page.row("1").text("again");
                Ok(Some(page.more("for ever")))
            }
            Misdeed::Chatter => Err(chatter()),
        }
    }
}

fn endless_loop() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

fn allocate() -> ! {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![1_u8; 1 << 20]);
        black_box(&hoard);
    }
}

fn recurse(depth: u64) -> u64 {
    let ballast = black_box([depth; 64]);
    if black_box(depth) == 0 { 0 } else { recurse(depth + 1) + ballast[0] % 2 }
}

/// Says what nobody should hear in every way that there is.
fn chatter() -> Error {
    for line in 0..10_000 {
        log::info(format!("line {line} of nonsense \x1b[2J\x1b]0;owned\x07\r\nERROR another line about {NUMBER}"));
    }
    log::with(log::Level::Error, "a field", &[("number", NUMBER), ("198001022386", "a name")]);
    // Where these go, and whether they fail, is what the host is tested for.
    let _ = writeln!(std::io::stdout(), "{NUMBER} on standard output");
    let _ = writeln!(std::io::stderr(), "{NUMBER} on standard error");
    Error::invalid(format!("{NUMBER} \x1b[31mis red\x1b[0m")).object(NUMBER).attribute(NUMBER).code(NUMBER)
}
