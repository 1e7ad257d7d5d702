//! Counts instructions, by callgrind: the same on a busy machine as on a quiet one, so that a change that makes something
//! dearer is seen before it lands.
//!
//! What is counted is the build of the tests, since that is there anyway: the counts say nothing of how quick the
//! program is, only whether it does more than it did.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::POLICY;
use crate::cost::measure;
use crate::people::{Marks, People};
use crate::world::{DONE, Layout, SOURCE, Target, World};

/// So many persons are in the smallest run, and in the larger ones.
const FEW: u32 = 10;
const MANY: u32 = 1_000;

/// Counts instructions, and fails where there are more of them than there were.
#[derive(Args, Clone)]
pub struct Count {
    /// The program to count.
    #[arg(long, default_value = "target/debug/sluss")]
    sluss: PathBuf,
    /// The counts that it is held against.
    #[arg(long, default_value = "tests/bench/counts.toml")]
    against: PathBuf,
    /// Writes what was counted there instead.
    #[arg(long)]
    write: bool,
}

/// What was counted once.
#[derive(Serialize, Deserialize)]
struct Counts {
    /// How many percent more are let pass: another C compiler and another processor make some difference.
    tolerance: u64,
    instructions: BTreeMap<String, u64>,
}

impl Count {
    /// Counts everything. How many things that were.
    pub fn run(&self) -> Result<u64> {
        let text = std::fs::read_to_string(&self.against).with_context(|| self.against.display().to_string())?;
        let mut before: Counts = toml::from_str(&text)?;
        let now = self.all()?;
        if self.write {
            before.instructions = now;
            let head = text.split_inclusive('\n').take_while(|line| line.starts_with('#')).collect::<String>();
            std::fs::write(&self.against, head + &toml::to_string(&before)?)?;
            return Ok(before.instructions.len() as u64);
        }
        let mut dearer = Vec::new();
        for (name, count) in &now {
            let known = *before.instructions.get(name).with_context(|| format!("`{name}` was never counted"))?;
            let percent = (*count as f64 / known as f64 - 1.0) * 100.0;
            say(&format!("{name}: {count} instructions, {percent:+.1} % against {known}"))?;
            if *count > known + known * before.tolerance / 100 {
                dearer.push(name.as_str());
            }
        }
        ensure!(
            dearer.is_empty(),
            "more than {} % dearer than it was: {}. Find out why; if it must be so, run `./just count --write` and say why \
             in the message of the change",
            before.tolerance,
            dearer.join(", ")
        );
        Ok(now.len() as u64)
    }

    fn all(&self) -> Result<BTreeMap<String, u64>> {
        let caches = TempDir::new()?;
        let mut counts = BTreeMap::new();
        let few = Counted::new(self, FEW, caches.path())?;
        counts.insert("scheduled run over 10 persons, no change".to_owned(), few.again()?);
        let many = Counted::new(self, MANY, caches.path())?;
        counts.insert("scheduled run over 1,000 persons, no change".to_owned(), many.again()?);
        counts.insert("every record of 1,000 persons across the border".to_owned(), many.otherwise()?);
        let own = std::env::current_exe()?;
        let rules =
            [OsString::from("rules"), "--untimed".into(), "--seed=1".into(), format!("--persons={MANY}").into()];
        counts.insert("rules over 1,000 persons, twice".to_owned(), instructions(&own, &rules)?);
        Ok(counts)
    }
}

/// A working folder whose directory is as it should be.
///
/// Code is compiled for the processor that runs it, and the one that callgrind shows is not the machine's own. So there
/// are two folders of compiled plugins: one for making everything ready, and one for counting.
struct Counted(World);

impl Counted {
    fn new(count: &Count, persons: u32, caches: &Path) -> Result<Self> {
        let people = People { seed: 1, persons, changed: 0, turned: false, only: None };
        let day = people.population().day().to_string();
        let layout = |name: &str| Layout {
            target: Target::Ldif,
            policy: POLICY.to_owned(),
            sources: &[SOURCE],
            cache: caches.join(name),
        };
        let world = World::new(&count.sluss, &day, &layout("plain"))?;
        people.write(&Marks::default(), &world.incoming())?;
        world.check()?;
        world.run()?;
        layout("counted").lay(world.folder())?;
        // Compiles what the counted runs load.
        let (program, arguments) = world.command(&["check"]);
        let arguments = valgrind(&["--tool=none", "--quiet", "--trace-children=yes"], program, arguments);
        measure(Path::new("valgrind"), &arguments, &DONE)?;
        Ok(Counted(world))
    }

    /// A run that finds nothing changed.
    fn again(&self) -> Result<u64> {
        let (program, arguments) = self.0.running();
        instructions(program, &arguments)
    }

    /// A run whose reader is another one, so that every record is looked at, and found to be as it was.
    fn otherwise(&self) -> Result<u64> {
        self.0.set("stale-days = 9")?;
        self.again()
    }
}

/// The instructions of a program.
fn instructions(program: &Path, arguments: &[OsString]) -> Result<u64> {
    let log = tempfile::NamedTempFile::new()?;
    let mut to = OsString::from("--log-file=");
    to.push(log.path());
    let to = to.to_str().context("the temporary folder has a name that is not UTF-8")?;
    let own = ["--tool=callgrind", "--callgrind-out-file=/dev/null", to];
    measure(Path::new("valgrind"), &valgrind(&own, program, arguments.to_vec()), &DONE)?;
    let said = std::fs::read_to_string(log.path())?;
    let Some(count) = said.lines().find_map(|line| line.split_once("Collected :")) else { bail!("{said}") };
    count.1.trim().parse().with_context(|| said.clone())
}

fn valgrind(own: &[&str], program: &Path, arguments: Vec<OsString>) -> Vec<OsString> {
    own.iter().map(OsString::from).chain([program.into()]).chain(arguments).collect()
}

fn say(line: &str) -> Result<()> {
    use std::io::Write as _;
    Ok(writeln!(std::io::stderr(), "{line}")?)
}
