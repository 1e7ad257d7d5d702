//! One call of this program: what is measured, at which sizes, and beside which floors.

mod border;
mod crash;
mod domain;
mod durable;
mod graph;
mod ldif;
mod load;
mod membership;
mod slapd;
mod start;
mod tenants;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sluss_people::EMPLOYMENTS_FILE;
use tempfile::TempDir;

use crate::aim::Aim;
use crate::cost::{Cost, Measured, best, measure};
use crate::people::{Marks, People};
use crate::report::{Report, Row};
use crate::world::{Layout, SOURCE, Target, World};
use crate::{Arguments, POLICY, Subject};

/// So many persons a second shall be decided on one core.
const RATE: f64 = 50_000.0;

/// Above so many persons, nothing is measured more often than twice, and what is slow not at all unless it is asked for.
const LARGE: u32 = 10_000;

/// One call of this program.
pub struct Bench<'a> {
    own: PathBuf,
    arguments: &'a Arguments,
    folder: TempDir,
    /// What was measured.
    pub report: Report,
}

/// The files of one size, and what the plainest program needs to read them.
struct Size {
    people: People,
    /// As the first run finds them.
    before: PathBuf,
    /// With one row in another place.
    turned: PathBuf,
    scan: Duration,
}

impl<'a> Bench<'a> {
    /// One that measures what these arguments ask for.
    pub fn new(arguments: &'a Arguments) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self { own: std::env::current_exe()?, arguments, folder, report: Report::default() })
    }

    /// Measures everything that is asked for.
    pub fn run(&mut self) -> Result<()> {
        if self.wants(Subject::Start) {
            self.start()?;
        }
        if self.wants(Subject::Load) {
            self.load()?;
        }
        for persons in &self.arguments.persons {
            let subjects = [Subject::Scan, Subject::Ldif, Subject::Slapd];
            let slow = [Subject::Border, Subject::Durable, Subject::Crash];
            if subjects.iter().any(|subject| self.wants(*subject))
                || slow.iter().any(|subject| self.wants_at(*subject, *persons))
            {
                self.runs(*persons)?;
            }
            if self.wants(Subject::Rules) {
                self.rules(*persons)?;
            }
        }
        if self.wants(Subject::Membership) {
            self.membership()?;
        }
        if self.wants(Subject::Tenants) || self.wants(Subject::Newcomer) {
            self.tenants()?;
        }
        if self.wants(Subject::Domain) {
            for persons in &self.arguments.sizes.domain {
                self.domain(*persons)?;
            }
        }
        if self.wants(Subject::Graph) {
            self.graph(self.arguments.sizes.graph)?;
        }
        Ok(())
    }

    /// The runs over so many persons. Whatever the target, the directory must end up the same.
    fn runs(&mut self, persons: u32) -> Result<()> {
        let size = self.scan(persons)?;
        let ldif = if self.wants(Subject::Ldif) { Some(self.ldif(&size)?) } else { None };
        let slapd = if self.wants(Subject::Slapd) { Some(self.slapd(&size)?) } else { None };
        if let (Some(ldif), Some(slapd)) = (ldif, slapd) {
            same(&ldif, &slapd)?;
        }
        if self.wants_at(Subject::Border, persons) {
            self.border(&size)?;
        }
        if self.wants_at(Subject::Durable, persons) {
            self.durable(&size)?;
        }
        if self.wants_at(Subject::Crash, persons) {
            self.crash(&size)?;
        }
        std::fs::remove_dir_all(self.place(&persons.to_string()))?;
        Ok(())
    }

    fn scan(&mut self, persons: u32) -> Result<Size> {
        let people = self.persons(persons);
        let folder = self.place(&persons.to_string());
        let [before, turned] = ["before", "turned"].map(|name| folder.join(name));
        let rows = self.people(people, &before)?;
        self.people(People { turned: true, ..people }, &turned)?;
        ensure!(rows >= u64::from(persons), "{rows} rows of {persons} persons");
        let (floor, scanned) = self.floor(&["scan", text(&before.join(EMPLOYMENTS_FILE))?], self.repeat(persons))?;
        ensure!(scanned == rows, "{scanned} rows of {rows} were read");
        self.note(Row::new("floor: parse and fingerprint", persons, floor, format!("{rows} rows of 25 columns")));
        Ok(Size { people, before, turned, scan: floor.wall })
    }

    fn rules(&mut self, persons: u32) -> Result<()> {
        let people = self.persons(persons);
        let arguments = [&["rules".to_owned()][..], &of(people)].concat();
        let measured = measure(&self.own, &arguments, &[0])?;
        let numbers: Vec<u64> = measured.output.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [first, again, _] = numbers[..] else { return Err(anyhow::anyhow!("three numbers: {}", measured.output)) };
        for (name, took) in [("rules, names to find", first), ("rules, names found", again)] {
            let took = Duration::from_nanos(took);
            let rate = f64::from(persons) / took.as_secs_f64();
            let cost = Cost { wall: took, cpu: took, peak: measured.cost.peak };
            let row = Row::new(name, persons, cost, format!("{rate:.0} persons a second on one core"));
            self.note(row.aims(Aim::rate(RATE, rate)));
        }
        Ok(())
    }

    fn wants(&self, subject: Subject) -> bool {
        let everything = self.arguments.only.is_empty() && self.arguments.from.is_empty();
        everything || self.arguments.only.contains(&subject)
    }

    /// Whether something slow is measured at this size.
    fn wants_at(&self, subject: Subject, persons: u32) -> bool {
        self.wants(subject) && (persons <= LARGE || self.arguments.only.contains(&subject))
    }

    /// So many people, as they are before anything changes.
    fn persons(&self, persons: u32) -> People {
        People { seed: self.arguments.seed, persons, changed: 0, turned: false, only: None }
    }

    fn repeat(&self, persons: u32) -> u32 {
        if persons > LARGE { self.arguments.repeat.min(2) } else { self.arguments.repeat }
    }

    /// Adds a measurement, and says so: a whole call takes minutes.
    fn note(&mut self, row: Row) {
        // Nobody is left to be told that nobody can be told.
        let _ = writeln!(std::io::stderr(), "{row}");
        self.report.push(row);
    }

    /// Something in the folder of this call.
    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A working folder without people in it.
    fn world(&self, people: People, target: Target<'_>) -> Result<World> {
        let layout = Layout { policy: POLICY.to_owned() + &people.tables(), ..self.layout(target) };
        World::new(&self.arguments.sluss, &day(people), &layout)
    }

    /// What stands in an ordinary working folder.
    fn layout<'t>(&self, target: Target<'t>) -> Layout<'t> {
        Layout { target, policy: POLICY.to_owned(), sources: &[SOURCE], cache: self.place("compiled") }
    }

    /// Writes the files of these people. How many rows the file of employments has.
    fn people(&self, people: People, folder: &Path) -> Result<u64> {
        self.marked(people, &Marks::default(), folder)
    }

    /// The same, with marks on everybody.
    fn marked(&self, people: People, marks: &Marks, folder: &Path) -> Result<u64> {
        std::fs::create_dir_all(folder)?;
        let mut arguments = vec!["files".to_owned()];
        arguments.extend(of(people));
        arguments.extend(marks.telephone.iter().map(|number| format!("--telephone={number}")));
        arguments.extend(marks.shift.iter().map(|shift| format!("--shift={shift}")));
        arguments.push(text(folder)?.to_owned());
        self.task(&arguments)
    }

    /// Fails unless the entries of a file are those that the people ask for. How many memberships there are.
    fn check(&self, people: People, entries: &Path) -> Result<u64> {
        self.task(&[&["check".to_owned()][..], &of(people), &[text(entries)?.to_owned()]].concat())
    }

    /// Does something in a process of its own, and gives the count that it printed.
    fn task<I: AsRef<std::ffi::OsStr>>(&self, arguments: &[I]) -> Result<u64> {
        count(&measure(&self.own, arguments, &[0])?)
    }

    /// Runs a floor and gives what it cost with the count that it printed.
    fn floor(&self, arguments: &[&str], repeat: u32) -> Result<(Cost, u64)> {
        let measured = best(repeat, || measure(&self.own, arguments, &[0]))?;
        Ok((measured.cost, count(&measured)?))
    }
}

fn count(measured: &Measured) -> Result<u64> {
    measured.output.trim().parse().with_context(|| format!("a count was expected: {}", measured.output))
}

/// What the processes of this program are told of people.
fn of(people: People) -> Vec<String> {
    let People { seed, persons, changed, turned, only } = people;
    let mut arguments = vec![format!("--seed={seed}"), format!("--persons={persons}"), format!("--changed={changed}")];
    arguments.extend(turned.then(|| "--turned".to_owned()));
    arguments.extend(only.map(|index| format!("--only={index}")));
    arguments
}

/// The day that people are of, as the program is told it. It is the same for one person as for all of them, whose units
/// need not be made here.
fn day(people: People) -> String {
    People { persons: 1, ..people }.population().day().to_string()
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}

/// Fails unless two files of entries are the same. They are not held in memory, however many there are.
fn same(one: &Path, other: &Path) -> Result<()> {
    let digest = |path: &Path| -> Result<blake3::Hash> {
        Ok(blake3::Hasher::new().update_reader(std::fs::File::open(path)?)?.finalize())
    };
    ensure!(digest(one)? == digest(other)?, "{} and {} differ", one.display(), other.display());
    Ok(())
}

/// Puts the files of one folder into another, as new files.
fn put(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (arriving, place) = (to.join(".arriving"), to.join(entry.file_name()));
        std::fs::copy(entry.path(), &arriving)?;
        std::fs::rename(&arriving, &place)?;
    }
    Ok(())
}
