//! A first run that is killed when half of its writes have reached the directory, and run again to the end.
//!
//! What was done must not be done again: both together may take hardly longer than one run that nobody disturbed, which
//! is measured beside, and must leave the same directory.

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sluss_test_servers::{Options, Slapd};
use tokio::runtime::Runtime;
use wait4::Wait4;

use super::{Bench, Size, put, same};
use crate::aim::Aim;
use crate::cost::{Cost, Measured, quicker};
use crate::report::Row;
use crate::world::{Target, World};

/// Both runs may take so many tenths of the time of one that nobody disturbed.
const TENTHS: u32 = 11;

/// Both kinds are run so often at most.
const TURNS: u32 = 3;

/// A run of which more than so many of a hundred writes had been seen was not killed at half.
const LATE: u64 = 75;

/// The shortest and the longest time between two looks at the server.
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(2);

/// A run that was killed, and the one after it.
struct Broken {
    cost: Cost,
    /// How long the first of them ran.
    first: Duration,
    /// The writes that had reached the server when it was killed.
    half: u64,
    /// The writes of both.
    all: u64,
}

impl Bench<'_> {
    /// Measures it.
    pub(super) fn crash(&mut self, size: &Size) -> Result<()> {
        let persons = size.people.persons;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let folder = self.place(&persons.to_string());
        let [one, other] = ["undisturbed", "killed"].map(|name| folder.join(name));
        let mut undisturbed: Option<Measured> = None;
        let mut broken: Option<Broken> = None;
        let (mut sent, mut late) = (0, 0);
        for _ in 0..self.repeat(persons).min(TURNS) {
            let (run, writes) = self.undisturbed(&runtime, size, &one)?;
            undisturbed = Some(quicker(undisturbed, run));
            sent = writes;
            let now = self.killed(&runtime, size, writes / 2, &other)?;
            same(&one, &other)?;
            if now.half > writes * LATE / 100 {
                late += 1;
                continue;
            }
            broken = Some(broken.filter(|best| best.cost.wall <= now.cost.wall).unwrap_or(now));
        }
        let Some(undisturbed) = undisturbed else { return Ok(()) };
        let name = "floor: a first run, undisturbed";
        self.note(Row::new(name, persons, undisturbed.cost, format!("{sent} writes")));
        let name = "first run, killed at half and run again";
        let Some(Broken { cost, first, half, all }) = broken else {
            let did = format!("NOT MEASURED, half was seen too late {late} times; the same directory all the same");
            self.note(Row::unmeasured(name, persons, did));
            return Ok(());
        };
        let limit = undisturbed.cost.wall * TENTHS / 10;
        let first = first.as_secs_f64() * 1_000.0;
        let did = format!("killed after {half} of {sent} writes and {first:.0} ms, {all} writes in both runs");
        let row = Row::new(name, persons, cost, did);
        self.note(row.beside(undisturbed.cost.wall).aims(Aim::within(cost, limit)));
        Ok(())
    }

    /// One that nobody disturbs, and how many writes it made.
    fn undisturbed(&self, runtime: &Runtime, size: &Size, out: &Path) -> Result<(Measured, u64)> {
        let mut slapd = runtime.block_on(Slapd::start(Options::default()))?;
        let world = self.ready(size, &slapd)?;
        let run = world.run()?;
        let sent = runtime.block_on(slapd.writes())?;
        self.dump(&slapd, out)?;
        self.check(size.people, out)?;
        runtime.block_on(slapd.stop())?;
        Ok((run, sent))
    }

    /// One that is killed after so many writes, and the one that brings it to its end.
    fn killed(&self, runtime: &Runtime, size: &Size, half: u64, out: &Path) -> Result<Broken> {
        let mut slapd = runtime.block_on(Slapd::start(Options::default()))?;
        let world = self.ready(size, &slapd)?;
        let began = Instant::now();
        let mut run = world.begin()?;
        let seen = until(runtime, &slapd, half, &mut run)?;
        run.kill()?;
        let used = run.wait4()?;
        let first = Cost::new(began.elapsed(), &used);
        let second = world.run()?;
        let all = runtime.block_on(slapd.writes())?;
        self.dump(&slapd, out)?;
        runtime.block_on(slapd.stop())?;
        Ok(Broken { cost: first.then(second.cost), first: first.wall, half: seen, all })
    }

    fn ready(&self, size: &Size, slapd: &Slapd) -> Result<World> {
        let world = self.world(size.people, Target::Slapd(slapd))?;
        put(&size.before, &world.incoming())?;
        world.check()?;
        Ok(world)
    }
}

/// Waits until so many writes have reached the server, and says how many had. Each look costs the server a little that
/// would be held against the run, so there are few: the next is half-way to when it should be so far, going by the pace
/// since the first write, and never further off than what that pace was taken from.
fn until(runtime: &Runtime, slapd: &Slapd, half: u64, run: &mut Child) -> Result<u64> {
    let began = Instant::now();
    let mut first = began;
    loop {
        let seen = runtime.block_on(slapd.writes())?;
        if seen >= half {
            return Ok(seen);
        }
        ensure!(run.try_wait()?.is_none(), "the run was over after {seen} writes, before half of them were seen");
        let wait = if seen == 0 {
            first = Instant::now();
            began.elapsed() / 10
        } else {
            first.elapsed().mul_f64(((half - seen) as f64 / seen as f64 / 2.0).min(1.0))
        };
        std::thread::sleep(wait.clamp(SHORTEST, LONGEST));
    }
}
