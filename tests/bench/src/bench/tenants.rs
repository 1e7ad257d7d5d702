//! Many tenants in one process: nothing changed for any of them, and one among them that is new and large.
//!
//! Every tenant has people, files, a state and an LDIF directory of its own, as in a house that serves many
//! municipalities.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use sluss_people::EMPLOYMENTS_FILE;

use super::{Bench, day, text};
use crate::Subject;
use crate::aim::Aim;
use crate::cost::{Measured, measure, quicker};
use crate::people::People;
use crate::report::Row;
use crate::world::{DONE, SOURCE, Target, Told, ldif};

/// All tenants together may take so much processor time when nothing changed, and so many bytes of memory.
const PROCESSOR: Duration = Duration::from_secs(6);
const MEMORY: u64 = 400 * 1024 * 1024;

/// With a newcomer among them, the slowest of the others may take so many times what they take alone.
const TIMES: u32 = 2;

/// How often it is measured with a newcomer.
const TURNS: u32 = 2;

/// The folder of the newcomer. It has its turn first, so that all others have theirs beside it.
const NEWCOMER: &str = "0-newcomer";

/// What is said of all tenants, as far as it is looked at here.
#[derive(Deserialize)]
struct All {
    tenants: Vec<Tenant>,
}

/// What is said of one.
#[derive(Deserialize)]
struct Tenant {
    name: String,
    milliseconds: f64,
    /// None where there is no report.
    report: Option<Told>,
}

impl Bench<'_> {
    /// Measures both, or what is asked for.
    pub(super) fn tenants(&mut self) -> Result<()> {
        let tenants = self.arguments.sizes.tenants;
        let people = self.persons(self.arguments.sizes.tenant_persons);
        let persons = tenants * people.persons;
        let folder = self.place("tenants");
        let files: Vec<PathBuf> = (0..tenants)
            .map(|tenant| {
                let people = People { seed: people.seed.wrapping_add(tenant.into()), ..people };
                Ok(self.tenant(&folder, &format!("1-{tenant:04}"), people)?.join(SOURCE).join(EMPLOYMENTS_FILE))
            })
            .collect::<Result<_>>()?;
        let first = self.all(&folder, people)?;
        let decided: u64 = all(&first)?.tenants.iter().filter_map(|tenant| Some(tenant.report.as_ref()?.decided)).sum();
        let did = format!("{decided} decided, {tenants} tenants of {} persons", people.persons);
        self.note(Row::new("first run, many tenants", persons, first.cost, did));

        let files: Vec<&str> = files.iter().map(|file| text(file)).collect::<Result<_>>()?;
        let repeat = self.arguments.repeat;
        let (scan, rows) = self.floor(&[&["scan"][..], &files].concat(), repeat)?;
        self.note(Row::new("floor: parse and fingerprint, all tenants", persons, scan, format!("{rows} rows")));
        let mut run: Option<Measured> = None;
        let mut alone = Vec::new();
        for _ in 0..repeat {
            let measured = self.all(&folder, people)?;
            alone.push(slowest(&measured)?);
            run = Some(quicker(run, measured));
        }
        let run = run.context("nothing was run")?;
        if self.wants(Subject::Tenants) {
            let did = format!("{tenants} tenants, p99 of one {}", shown(best(&alone)?));
            let row = Row::new("no change, many tenants", persons, run.cost, did).beside(scan.wall);
            let row = row.aims(Aim::at_most("processor", run.cost.cpu, PROCESSOR));
            self.note(row.aims(Aim::held(run.cost, MEMORY)));
        }
        if self.wants(Subject::Newcomer) {
            self.newcomer(&folder, people, &alone)?;
        }
        std::fs::remove_dir_all(&folder)?;
        Ok(())
    }

    /// The same with one more, for whom everything has to be made. How long each of the others took is what counts.
    fn newcomer(&mut self, folder: &Path, people: People, alone: &[Duration]) -> Result<()> {
        let new = self.persons(self.arguments.sizes.newcomer);
        let turns = self.arguments.repeat.min(TURNS);
        let mut run: Option<Measured> = None;
        let mut beside = Vec::new();
        let entries = self.place("newcomer.entries");
        for _ in 0..turns {
            let own = self.tenant(folder, NEWCOMER, new)?;
            let measured = self.all(folder, people)?;
            beside.push(slowest(&measured)?);
            self.task(&["load", text(&ldif(&own))?, text(&entries)?])?;
            self.check(new, &entries)?;
            std::fs::remove_dir_all(&own)?;
            run = Some(quicker(run, measured));
        }
        let run = run.context("nothing was run")?;
        // The best of as many as there are with the newcomer: the best of more would be better by chance.
        let alone = best(&alone[..alone.len().min(beside.len())])?;
        let beside = best(&beside)?;
        let tenants = self.arguments.sizes.tenants;
        let did = format!("{tenants} others without a change: p99 of one {}, alone {}", shown(beside), shown(alone));
        let row = Row::new("first run beside many tenants", new.persons, run.cost, did);
        self.note(row.aims(Aim::at_most("p99 of the others", beside, alone * TIMES)));
        Ok(())
    }

    /// Makes the folder of a tenant, with its people.
    fn tenant(&self, folder: &Path, name: &str, people: People) -> Result<PathBuf> {
        let own = folder.join(name);
        self.layout(Target::Ldif).lay(&own)?;
        self.people(people, &own.join(SOURCE))?;
        Ok(own)
    }

    /// Runs all tenants of a folder, by one command.
    fn all(&self, folder: &Path, people: People) -> Result<Measured> {
        let day = day(people);
        measure(&self.arguments.sluss, &["--quiet", "--json", "run", "--tenants", text(folder)?, "--on", &day], &DONE)
    }
}

fn all(run: &Measured) -> Result<All> {
    serde_json::from_str(&run.output).with_context(|| run.output.clone())
}

/// How long all but one in a hundred of those took at most for whom nothing had to be done.
fn slowest(run: &Measured) -> Result<Duration> {
    let mut took = Vec::new();
    for tenant in all(run)?.tenants.into_iter().filter(|tenant| tenant.name != NEWCOMER) {
        let decided = tenant.report.with_context(|| format!("{} has no report", tenant.name))?.decided;
        ensure!(decided == 0, "{decided} persons of {} were decided though nothing changed", tenant.name);
        took.push(Duration::try_from_secs_f64(tenant.milliseconds / 1_000.0)?);
    }
    took.sort_unstable();
    let rank = (took.len() * 99).div_ceil(100);
    took.get(rank.saturating_sub(1)).copied().context("there are no tenants")
}

/// The best of several measurements of the same.
fn best(times: &[Duration]) -> Result<Duration> {
    times.iter().min().copied().context("nothing was measured")
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
