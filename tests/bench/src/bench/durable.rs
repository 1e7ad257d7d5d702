//! A first run into a directory that has every commit on the disk before it answers, with transactions asked for.
//!
//! OpenLDAP 2.5 can crash on transactions, whoever sends them. So there are several attempts, each with servers of its
//! own; those that the server did not live through are counted and told, and never taken for a time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use sluss_test_servers::{Options, Slapd};
use tokio::runtime::Runtime;

use super::slapd::rate;
use super::{Bench, Size, put, same, text};
use crate::aim::Aim;
use crate::cost::{Cost, Measured, quicker};
use crate::report::Row;
use crate::world::{LOST, Target, told};

/// So many writes are in one transaction, as in the host.
const TOGETHER: &str = "500";

/// The first run may take so many tenths of the time that plain transactions take.
const TENTHS: u32 = 15;

/// There are so many attempts at most.
const ATTEMPTS: u32 = 3;

/// A server that crashes needs some time to be gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// What became of one attempt.
enum Attempt {
    /// The run ended, with so many writes, and the directory was as it shall be.
    Done(Measured, u64),
    /// The server crashed, and so it ended.
    Crashed(String),
}

impl Bench<'_> {
    /// Measures it.
    pub(super) fn durable(&mut self, size: &Size) -> Result<()> {
        let persons = size.people.persons;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let attempts = self.repeat(persons).min(ATTEMPTS);

        let (disk, times) = self.floor(&["disk", text(self.folder.path())?], 1)?;
        let did = format!("{times} times a page, {:.2} ms each", disk.wall.as_secs_f64() * 1_000.0 / times as f64);
        self.note(Row::new("floor: put on the disk", persons, disk, did));

        let mut crashes = Vec::new();
        let mut run: Option<Measured> = None;
        let mut sent = 0;
        for _ in 0..attempts {
            match self.attempt(&runtime, size)? {
                Attempt::Done(measured, writes) => {
                    sent = writes;
                    run = Some(quicker(run, measured));
                }
                Attempt::Crashed(how) => crashes.push(how),
            }
        }
        let unbroken = Aim::unbroken(crashes.len() as u32);
        let Some(run) = run else {
            let did = format!("NOT MEASURED, the server crashed every time: {}", crashes.join(", "));
            self.note(Row::unmeasured("first run into durable slapd", persons, did).aims(unbroken));
            return Ok(());
        };
        let mut did = format!("{} decided, {sent} writes", told(&run)?.decided);
        if !crashes.is_empty() {
            did += &format!(", the server crashed in {} of {attempts} attempts", crashes.len());
        }
        let row = Row::new("first run into durable slapd", persons, run.cost, did);
        let row = match self.together(&runtime, size, attempts)? {
            Some(floor) => {
                let floors = size.scan + floor.wall;
                row.beside(floors).aims(Aim::within(run.cost, floors * TENTHS / 10))
            }
            None => row,
        };
        self.note(row.aims(unbroken));
        Ok(())
    }

    /// One first run, into a server of its own. What the directory holds in the end is kept for the floor.
    fn attempt(&self, runtime: &Runtime, size: &Size) -> Result<Attempt> {
        let mut slapd = runtime.block_on(Slapd::start(durable()))?;
        let world = self.world(size.people, Target::Transactions(&slapd))?;
        put(&size.before, &world.incoming())?;
        world.check()?;
        let before = runtime.block_on(slapd.writes())?;
        let run = world.dare()?;
        let patience = if run.code == LOST { PATIENCE } else { Duration::ZERO };
        if let Some(how) = runtime.block_on(slapd.ended(patience))? {
            return Ok(Attempt::Crashed(how.to_string()));
        }
        ensure!(run.code != LOST, "the server lives, and yet the run lost it:\n{}", run.output);
        let sent = runtime.block_on(slapd.writes())? - before;
        let entries = self.durable_entries(size);
        self.dump(&slapd, &entries)?;
        self.check(size.people, &entries)?;
        runtime.block_on(slapd.stop())?;
        Ok(Attempt::Done(run, sent))
    }

    /// The floor: the same writes in transactions, by a plain client. None if the server did not live through it.
    fn together(&mut self, runtime: &Runtime, size: &Size, attempts: u32) -> Result<Option<Cost>> {
        let persons = size.people.persons;
        let entries = self.durable_entries(size);
        let writes = entries.with_extension("writes");
        self.task(&["difference", text(&entries)?, text(&writes)?])?;
        let mut best: Option<(Cost, u64)> = None;
        let mut crashes = Vec::new();
        for _ in 0..attempts {
            match self.plain(runtime, &entries, &writes)? {
                Ok(sent) => best = Some(best.filter(|best| best.0.wall <= sent.0.wall).unwrap_or(sent)),
                Err(how) => crashes.push(how),
            }
        }
        let name = "floor: the same adds, in transactions";
        let unbroken = Aim::unbroken(crashes.len() as u32);
        match best {
            Some((floor, count)) => self.note(Row::new(name, persons, floor, rate(count, floor)).aims(unbroken)),
            None => {
                let did = format!("NOT MEASURED, the server crashed every time: {}", crashes.join(", "));
                self.note(Row::unmeasured(name, persons, did).aims(unbroken));
            }
        }
        Ok(best.map(|(floor, _)| floor))
    }

    /// The plain client's cost and count, or how the server crashed.
    fn plain(&self, runtime: &Runtime, entries: &Path, writes: &Path) -> Result<Result<(Cost, u64), String>> {
        let mut slapd = runtime.block_on(Slapd::start(durable()))?;
        let sent = self.send(&slapd, writes, &["--together", TOGETHER]);
        let patience = if sent.is_err() { PATIENCE } else { Duration::ZERO };
        if let Some(how) = runtime.block_on(slapd.ended(patience))? {
            return Ok(Err(how.to_string()));
        }
        let sent = sent?;
        let seen = entries.with_extension("seen");
        self.dump(&slapd, &seen)?;
        same(entries, &seen)?;
        runtime.block_on(slapd.stop())?;
        Ok(Ok(sent))
    }

    fn durable_entries(&self, size: &Size) -> PathBuf {
        self.place(&size.people.persons.to_string()).join("durable")
    }
}

fn durable() -> Options {
    Options { durable: true, ..Options::default() }
}
