//! `cases merged` and `cases undo`: persons that turned out to be one, and how they are parted again.

use super::run::policy_of;
use super::status::{moment, state};
use crate::config::Config;
use crate::error::CliError;
use crate::output::Screen;
use crate::output::style::shown;
use crate::output::table::{Column, table};
use crate::run::{now, part};
use serde::Serialize;
use sluss_store::{Lock, Merge};

/// A merge, as it is shown.
#[derive(Debug, Serialize)]
struct Line {
    id: u64,
    at: String,
    by: String,
    /// The person that is no more, and the one that both are.
    gone: u64,
    kept: u64,
    undone: Option<String>,
}

impl From<Merge> for Line {
    fn from(merge: Merge) -> Self {
        let Merge { id, at, by, gone, kept, undone } = merge;
        Line { id, at, by, gone: gone.0, kept: kept.0, undone }
    }
}

/// Lists every merge.
pub(super) fn list(config: &Config, screen: &Screen) -> Result<u8, CliError> {
    #[derive(Serialize)]
    struct Merges {
        format: &'static str,
        merges: Vec<Line>,
    }
    let merges = state(config)?.merges()?.into_iter().map(Line::from).collect();
    screen.result(&Merges { format: "sluss-merges/1", merges }, |told| {
        if told.merges.is_empty() {
            return "nobody turned out to be somebody else\n".to_owned();
        }
        let row = |line: &Line| {
            let moment = |at: &String| moment(at, &config.timezone);
            let what = format!("person {} is person {}", line.gone, line.kept);
            let undone = line.undone.as_ref().map_or_else(String::new, |at| format!("undone {}", moment(at)));
            vec![line.id.to_string(), moment(&line.at), shown(&line.by), what, undone]
        };
        let text = Column::Text;
        let headings = [("merge", Column::Number), ("when", text), ("by", text), ("", text), ("", text)];
        table(&headings, told.merges.iter().map(row))
    })?;
    Ok(0)
}

/// Parts two persons again.
pub(super) fn undo(config: &Config, screen: &Screen, merge: u64) -> Result<u8, CliError> {
    #[derive(Serialize)]
    struct Undone {
        format: &'static str,
        persons: [u64; 2],
    }
    let policy = policy_of(&config.policy)?;
    let mut store = state(config)?;
    let _lock = Lock::take(&config.state, &format!("process {}, parting persons", std::process::id()))?;
    store.begin()?;
    let Some((gone, kept)) = store.unmerge(merge, &now())? else {
        store.roll_back()?;
        return Err(CliError::not_run(format!("there is no merge {merge} that could be undone"))
            .help("`sluss cases merged` lists them; each can be undone once, the latest of a chain first"));
    };
    part::latecomers(&mut store, &policy.matching.certain, config.today(), gone, kept)?;
    store.commit()?;
    let undone = Undone { format: "sluss-undone/1", persons: [gone.0, kept.0] };
    screen.result(&undone, |undone| {
        let [gone, kept] = undone.persons;
        format!("person {gone} and person {kept} are two again; the next run gives each what is theirs\n")
    })?;
    Ok(0)
}
