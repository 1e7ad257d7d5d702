//! `adopt`: what a target has already, whose it is, and what is nobody's.

use super::run::policy_of;
use crate::config::Config;
use crate::error::CliError;
use crate::output::report::findings;
use crate::output::style::{ASIDE, HEADING, count, paint};
use crate::output::{Progress, Screen};
use crate::run::adopt::{Adoption, adopt as look};
use crate::run::{Mode, Options};
use jiff::civil::Date;
use std::fmt::Write as _;
use std::sync::Arc;

/// How many of each kind are shown, unless all are asked for.
const MOST: usize = 20;

/// What is asked.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// The target.
    pub target: &'a str,
    /// Whether what is found is remembered.
    pub link: bool,
    /// Whether the accounts of protected persons are named.
    pub protected: bool,
    /// The day that is taken for today.
    pub on: Option<Date>,
}

/// Links what belongs to somebody, or shows what would be linked. Code 1 if anything is doubtful or nobody's.
pub(super) async fn adopt(
    config: &Config,
    screen: &Screen,
    progress: &Progress,
    wanted: &Wanted<'_>,
) -> Result<u8, CliError> {
    let day = wanted.on.unwrap_or_else(|| config.today());
    let policy = policy_of(&config.policy)?;
    let mode = Mode::Adopt { link: wanted.link };
    let options = Options { mode, day, policy, trial: false, yard: Arc::default() };
    let adoption = look(config, &options, progress, wanted.target, wanted.protected).await?;
    let code = u8::from(!adoption.doubtful.is_empty() || !adoption.orphans.is_empty());
    screen.result(&adoption, |adoption| text(adoption, screen.verbose))?;
    Ok(code)
}

fn text(adoption: &Adoption, all: bool) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", paint(HEADING, format!("what {} has already", adoption.target)));
    let _ = writeln!(out, "  {} known before", count(adoption.known, "object was", "objects were"));
    let word = if adoption.linked { "linked" } else { "to be linked" };
    let pairs = |pairs: &[(String, String)]| pairs.iter().map(|(object, whose)| format!("{object}: {whose}")).collect();
    out += &list(&format!("accounts {word}"), pairs(&adoption.accounts), all);
    out += &list(&format!("groups {word}"), pairs(&adoption.groups), all);
    out += &list("doubtful", pairs(&adoption.doubtful), all);
    out += &list("nobody's", adoption.orphans.clone(), all);
    out += &findings(&adoption.findings, all);
    let then = match (adoption.linked, adoption.doubtful.is_empty()) {
        (false, _) => "nothing was remembered; --link links what is certain and opens cases for what is doubtful",
        (true, true) => "`sluss plan` shows what Sluss would change about what is linked now",
        (true, false) => {
            "`sluss cases` lists what is doubtful; `sluss plan` shows what Sluss would change about the rest"
        }
    };
    let _ = writeln!(out, "\n{}", paint(ASIDE, then));
    out
}

fn list(heading: &str, lines: Vec<String>, all: bool) -> String {
    let mut out = format!("  {}: {}\n", heading, lines.len());
    let shown = if all { lines.len() } else { MOST };
    for line in lines.iter().take(shown) {
        let _ = writeln!(out, "      {line}");
    }
    if lines.len() > shown {
        let _ = writeln!(out, "      {}", paint(ASIDE, format!("and {} more; -v shows all", lines.len() - shown)));
    }
    out
}
