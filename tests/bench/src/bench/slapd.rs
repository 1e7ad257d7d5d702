//! Runs into a real directory: the first, those without changes, and those with some.
//!
//! Two servers stand side by side. The program writes to one; a plain client then sends the same writes to the other,
//! and in the end both must hold the same.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use sluss_test_servers::{Options, Slapd};
use tokio::runtime::Runtime;

use super::{Bench, Size, put, same, text};
use crate::aim::Aim;
use crate::cost::{Cost, Measured, best, quicker};
use crate::people::People;
use crate::report::Row;
use crate::world::{Target, World, told};

/// A run without changes may take so many times the scan, and this much more.
const SCANS: u32 = 3;
const GRACE: Duration = Duration::from_millis(20);

/// So many of a hundred change.
const CHANGED: [u8; 2] = [1, 7];

/// A server for so many persons is set up for groups of that size.
const LARGE: u32 = 1_000_000;

/// A run with few changes may take so many times the scan and the writes.
const FLOORS: u32 = 2;

/// Two servers, what writes to one of them, and the files that are compared.
struct Pair<'s> {
    runtime: &'s Runtime,
    measured: &'s Slapd,
    plain: &'s Slapd,
    world: World,
    size: &'s Size,
    folder: PathBuf,
}

impl Bench<'_> {
    /// Measures them. The file of the entries that the first run made.
    pub(super) fn slapd(&mut self, size: &Size) -> Result<PathBuf> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let options = Options { large_groups: size.people.persons >= LARGE, ..Options::default() };
        let mut measured = runtime.block_on(Slapd::start(options.clone()))?;
        let mut plain = runtime.block_on(Slapd::start(options))?;
        let world = self.world(size.people, Target::Slapd(&measured))?;
        let folder = self.place(&size.people.persons.to_string());
        let pair = Pair { runtime: &runtime, measured: &measured, plain: &plain, world, size, folder };
        put(&size.before, &pair.world.incoming())?;
        pair.world.check()?;
        let first = self.first(&pair)?;
        self.quiet(&pair)?;
        self.reconcile(&pair)?;
        for percent in CHANGED {
            self.changes(&pair, &first, percent)?;
        }
        drop(pair);
        runtime.block_on(measured.stop())?;
        runtime.block_on(plain.stop())?;
        Ok(first)
    }

    /// The first run, into an empty directory.
    fn first(&mut self, pair: &Pair<'_>) -> Result<PathBuf> {
        let (persons, scan) = (pair.size.people.persons, pair.size.scan);
        let before = pair.writes()?;
        let run = pair.world.run()?;
        let sent = pair.writes()? - before;
        let decided = told(&run)?.decided;

        let first = pair.folder.join("first");
        self.dump(pair.measured, &first)?;
        let memberships = self.check(pair.size.people, &first)?;
        let writes = pair.folder.join("first.writes");
        self.task(&["difference", text(&first)?, text(&writes)?])?;
        let (floor, count) = self.send(pair.plain, &writes, &[])?;
        self.note(Row::new("floor: the same adds, pipelined", persons, floor, rate(count, floor)));
        self.holds(pair, pair.plain, &first)?;

        let kept = pair.world.state()?;
        let state = kept / u64::from(persons);
        let did = format!("{decided} decided, {sent} writes, {memberships} memberships, state {state} bytes a person");
        let row = Row::new("first run into slapd", persons, run.cost, did).beside(scan + floor.wall);
        self.note(row.aims(Aim::bounded(run.cost, persons)).aims(Aim::kept(kept, persons)));
        Ok(first)
    }

    /// Runs that find nothing to do: over the same file, one written anew, and one in another order.
    fn quiet(&mut self, pair: &Pair<'_>) -> Result<()> {
        let Size { people, before, turned, scan, .. } = pair.size;
        let limit = *scan * SCANS + GRACE;
        let repeat = self.repeat(people.persons);
        // The files that are put in place before each run, in turns, so that it never finds the one before.
        let variants = [
            ("no change", &[][..]),
            ("no change, file anew", &[before][..]),
            ("no change, row moved", &[turned, before]),
        ];
        for (name, files) in variants {
            let mut files = files.iter().cycle();
            let seen = pair.operations()?;
            let run = best(repeat, || {
                if let Some(files) = files.next() {
                    put(files, &pair.world.incoming())?;
                }
                let run = pair.world.run()?;
                let decided = told(&run)?.decided;
                ensure!(decided == 0, "{decided} persons were decided though nothing changed");
                Ok(run)
            })?;
            let asked = pair.operations()? - seen;
            ensure!(asked == 0, "{asked} requests reached the directory though nothing changed");
            let row = Row::new(name, people.persons, run.cost, "0 requests to the directory").beside(*scan);
            self.note(row.aims(Aim::within(run.cost, limit)).aims(Aim::bounded(run.cost, people.persons)));
        }
        // The first order again, for what comes after.
        put(before, &pair.world.incoming())?;
        pair.world.run()?;
        Ok(())
    }

    /// A look at the whole directory that finds nothing to put right.
    fn reconcile(&mut self, pair: &Pair<'_>) -> Result<()> {
        let Size { people, scan, .. } = pair.size;
        let repeat = self.repeat(people.persons);
        let server = server(pair.measured)?;
        let (floor, entries) = self.floor(&[&["read"][..], &server.each_ref().map(String::as_str)].concat(), repeat)?;
        self.note(Row::new("floor: read the directory", people.persons, floor, format!("{entries} entries")));
        let before = pair.writes()?;
        let run = best(repeat, || pair.world.reconcile())?;
        let sent = pair.writes()? - before;
        ensure!(sent == 0, "{sent} writes reached the directory though nothing changed");
        let row = Row::new("reconcile, no change", people.persons, run.cost, "0 writes").beside(*scan + floor.wall);
        self.note(row.aims(Aim::bounded(run.cost, people.persons)));
        Ok(())
    }

    /// Some change, and back again: each way is a run with as many changes.
    fn changes(&mut self, pair: &Pair<'_>, first: &Path, percent: u8) -> Result<()> {
        let Size { people, before, scan, .. } = pair.size;
        let changed = People { changed: percent, ..*people };
        let after = pair.folder.join(format!("after-{percent}"));
        self.people(changed, &after)?;
        let [second, there, back] = ["second", "there.writes", "back.writes"].map(|name| pair.folder.join(name));
        let (mut run, mut floor): (Option<Measured>, Option<(Cost, u64)>) = (None, None);
        let mut did = String::new();
        // As often there as back: what comes after starts from the first run.
        for turn in 0..self.repeat(people.persons).next_multiple_of(2) {
            let forward = turn % 2 == 0;
            put(if forward { &after } else { before }, &pair.world.incoming())?;
            let sent = pair.writes()?;
            let measured = pair.world.run()?;
            let sent = pair.writes()? - sent;
            if turn == 0 {
                did = format!("{} decided, {sent} writes", told(&measured)?.decided);
                self.dump(pair.measured, &second)?;
                self.check(changed, &second)?;
                self.task(&["difference", "--before", text(first)?, text(&second)?, text(&there)?])?;
                self.task(&["difference", "--before", text(&second)?, text(first)?, text(&back)?])?;
            }
            run = Some(quicker(run, measured));
            let sent = self.send(pair.plain, if forward { &there } else { &back }, &[])?;
            floor = Some(match floor {
                Some(best) if best.0.wall <= sent.0.wall => best,
                _ => sent,
            });
            if turn < 2 {
                let entries = if forward { &second } else { first };
                self.holds(pair, pair.measured, entries)?;
                self.holds(pair, pair.plain, entries)?;
            }
        }
        let (Some(run), Some((floor, count))) = (run, floor) else { return Ok(()) };
        let name = format!("floor: {percent} % changed, pipelined");
        self.note(Row::new(name, people.persons, floor, rate(count, floor)));
        let floors = *scan + floor.wall;
        let row = Row::new(format!("{percent} % changed"), people.persons, run.cost, did).beside(floors);
        self.note(row.aims(Aim::within(run.cost, floors * FLOORS)).aims(Aim::bounded(run.cost, people.persons)));
        Ok(())
    }

    /// Fails unless a server holds what the file says.
    fn holds(&self, pair: &Pair<'_>, server: &Slapd, entries: &Path) -> Result<()> {
        let seen = pair.folder.join("seen");
        self.dump(server, &seen)?;
        same(entries, &seen)
    }

    pub(super) fn dump(&self, slapd: &Slapd, out: &Path) -> Result<u64> {
        let server = server(slapd)?;
        self.task(&[&["dump"][..], &server.each_ref().map(String::as_str), &[text(out)?]].concat())
    }

    /// Sends the writes of a file by the plain client.
    pub(super) fn send(&self, slapd: &Slapd, writes: &Path, how: &[&str]) -> Result<(Cost, u64)> {
        let server = server(slapd)?;
        self.floor(&[&["write"][..], &server.each_ref().map(String::as_str), how, &[text(writes)?]].concat(), 1)
    }
}

impl Pair<'_> {
    /// How many writes have reached the server that is measured, by its own count.
    fn writes(&self) -> Result<u64> {
        self.runtime.block_on(self.measured.writes())
    }

    /// How many requests of any kind have reached it.
    fn operations(&self) -> Result<u64> {
        self.runtime.block_on(self.measured.operations())
    }
}

/// What a client is told of a server.
fn server(slapd: &Slapd) -> Result<[String; 4]> {
    Ok(["--url", &slapd.tls_url(), "--authority", text(slapd.authority())?].map(str::to_owned))
}

/// How many writes there were, and how quickly.
pub(super) fn rate(count: u64, cost: Cost) -> String {
    format!("{count} writes, {:.0} a second", count as f64 / cost.wall.as_secs_f64())
}
