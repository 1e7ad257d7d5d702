//! Measures time and memory of what Sluss does, each beside its floor.
//!
//! A floor is the same work done by the plainest program that does it, measured in the same call on the same data, so
//! that a number says something on any machine. What is measured runs as a process of its own: see [`cost`].

mod cost;
mod floor;
mod report;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use cost::{Measured, best};
use floor::Floor;
use report::Report;
use sluss_people::{EMPLOYMENTS_FILE, Population};
use sluss_test_servers::{Options, Slapd};

/// Measures time and memory, each beside its floor.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    /// The sizes to measure.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    persons: Vec<u32>,
    /// What to measure; everything, if it is not said.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Subject>,
    /// The seed of the people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often what leaves nothing behind is repeated; the quickest counts.
    #[arg(long, default_value_t = 5)]
    repeat: u32,
    /// The directory puts every write on the disk before it answers.
    #[arg(long)]
    durable: bool,
    /// The program to measure.
    #[arg(long, default_value = "target/release/sluss")]
    sluss: PathBuf,
    /// Also writes the numbers to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    #[command(subcommand)]
    floor: Option<Floor>,
}

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// How long a program takes to start.
    Start,
    /// Reading the file of employments.
    Scan,
    /// Filling a directory and reading it.
    Directory,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(floor) = arguments.floor {
        writeln!(std::io::stdout(), "{}", floor.run()?)?;
        return Ok(());
    }
    let report = Bench { own: std::env::current_exe()?, arguments: &arguments, report: Report::default() }.run()?;
    write!(std::io::stdout(), "{report}")?;
    if let Some(file) = &arguments.json {
        serde_json::to_writer_pretty(BufWriter::new(File::create(file)?), &report)?;
    }
    Ok(())
}

/// One call of this program.
struct Bench<'a> {
    own: PathBuf,
    arguments: &'a Arguments,
    report: Report,
}

impl Bench<'_> {
    fn run(mut self) -> Result<Report> {
        if self.wants(Subject::Start) {
            self.start()?;
        }
        for persons in &self.arguments.persons {
            let folder = tempfile::tempdir()?;
            if self.wants(Subject::Scan) {
                self.scan(*persons, folder.path())?;
            }
            if self.wants(Subject::Directory) {
                self.directory(*persons)?;
            }
        }
        Ok(self.report)
    }

    fn wants(&self, subject: Subject) -> bool {
        self.arguments.only.is_empty() || self.arguments.only.contains(&subject)
    }

    fn population(&self, persons: u32) -> Population {
        Population::new(self.arguments.seed, persons)
    }

    /// Runs a floor and gives what it cost with the count that it printed.
    fn floor(&self, arguments: &[&str], repeat: u32) -> Result<(Measured, u64)> {
        let measured = best(&self.own, arguments, repeat)?;
        let count = measured.output.trim().parse().with_context(|| format!("{arguments:?}: {}", measured.output))?;
        Ok((measured, count))
    }

    fn start(&mut self) -> Result<()> {
        let (floor, _) = self.floor(&["start"], self.arguments.repeat)?;
        self.report.floor("start and end", 0, floor.cost, String::new());
        let sluss = &self.arguments.sluss;
        let measured = best(sluss, &["--version"], self.arguments.repeat)?;
        self.report.beside("sluss --version", 0, measured.cost, floor.cost.wall, measured.output.trim().to_owned());
        Ok(())
    }

    fn scan(&mut self, persons: u32, folder: &Path) -> Result<()> {
        self.population(persons).write_to(folder)?;
        let file = folder.join(EMPLOYMENTS_FILE);
        let (measured, rows) = self.floor(&["scan", text(&file)?], self.arguments.repeat)?;
        ensure!(rows >= u64::from(persons), "{rows} rows of {persons} persons");
        self.report.floor("parse and fingerprint", persons, measured.cost, format!("{rows} rows"));
        Ok(())
    }

    fn directory(&mut self, persons: u32) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let options = Options { durable: self.arguments.durable, ..Options::default() };
        let mut slapd = runtime.block_on(Slapd::start(options))?;
        let before = runtime.block_on(slapd.writes())?;
        let server = ["--url", &slapd.tls_url(), "--authority", text(slapd.authority())?].map(ToOwned::to_owned);
        let server: Vec<&str> = server.iter().map(String::as_str).collect();
        let (seed, size) = (self.arguments.seed.to_string(), persons.to_string());

        let write = [&["write"], &server[..], &["--seed", &seed, "--persons", &size]].concat();
        let (measured, written) = self.floor(&write, 1)?;
        let seen = runtime.block_on(slapd.writes())? - before;
        ensure!(seen == written, "{written} writes were sent, and the server saw {seen}");
        let rate = written as f64 / measured.cost.wall.as_secs_f64();
        self.report.floor("fill a directory", persons, measured.cost, format!("{written} adds, {rate:.0} a second"));

        let (measured, read) = self.floor(&[&["read"], &server[..]].concat(), self.arguments.repeat)?;
        ensure!(read > written, "{read} entries of {written}");
        self.report.floor("read a directory", persons, measured.cost, format!("{read} entries"));
        runtime.block_on(slapd.stop())
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}
