//! Measures time and memory of what Sluss does, each beside its floor.
//!
//! A floor is the same work done by the plainest program that does it, measured in the same call on the same data, so
//! that a number says something on any machine. What is measured runs as a process of its own: see [`cost`].

mod aim;
mod bench;
mod cost;
mod count;
mod directory;
mod floor;
mod people;
mod picture;
mod report;
mod task;
mod world;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Result;
use bench::Bench;
use clap::{Args, Parser, ValueEnum};
use picture::Picture;
use task::Task;

/// What the measured runs decide by.
const POLICY: &str = include_str!("policy.toml");

/// What the runs into a domain decide by.
const DOMAIN: &str = include_str!("domain.toml");

/// What the runs into Microsoft Graph decide by.
const GRAPH: &str = include_str!("graph.toml");

/// What the runs decide by in which one membership changes.
const MEMBERS: &str = include_str!("members.toml");

/// Measures time and memory, each beside its floor.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    /// The sizes to measure.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    persons: Vec<u32>,
    /// What to measure; everything, if it is not said, but what is slow only at the sizes up to 10,000.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Subject>,
    /// The seed of the people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often what can be repeated is repeated; the quickest counts. Twice at most for more than 10,000 persons.
    #[arg(long, default_value_t = 5)]
    repeat: u32,
    #[command(flatten)]
    sizes: Sizes,
    /// The program to measure.
    #[arg(long, default_value = "target/release/sluss")]
    sluss: PathBuf,
    /// Where `./just examples` puts the plugins in other languages.
    #[arg(long, default_value = "target/examples")]
    examples: PathBuf,
    /// Also writes the numbers to this file, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Also draws time and memory to this file, as SVG.
    #[arg(long)]
    picture: Option<PathBuf>,
    /// Files that earlier calls wrote as JSON, to be drawn too. Nothing is measured then but what `--only` names.
    #[arg(long, value_delimiter = ',', requires = "picture")]
    from: Vec<PathBuf>,
    #[command(subcommand)]
    task: Option<Task>,
}

/// The sizes of what is measured at one size only.
#[derive(Args)]
struct Sizes {
    /// How many persons the largest group is made of whose membership changes.
    #[arg(long, default_value_t = 50_000)]
    members: u32,
    /// How many tenants there are.
    #[arg(long, default_value_t = 300)]
    tenants: u32,
    /// How many persons each tenant has.
    #[arg(long, default_value_t = 1_000)]
    tenant_persons: u32,
    /// How many persons the tenant has that is new among the others.
    #[arg(long, default_value_t = 100_000)]
    newcomer: u32,
    /// How many persons get accounts in a domain of Active Directory.
    #[arg(long, value_delimiter = ',', default_value = "1000,5000")]
    domain: Vec<u32>,
    /// How many persons get accounts by Microsoft Graph.
    #[arg(long, default_value_t = 3_000)]
    graph: u32,
}

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// How long a program takes to start, and a scheduled run over ten persons.
    Start,
    /// How long it takes to load a plugin of each language.
    Load,
    /// The rules alone.
    Rules,
    /// Reading the file of employments.
    Scan,
    /// A first run into an LDIF file.
    Ldif,
    /// Runs into a directory server.
    Slapd,
    /// Every record of a file through the sandbox, beside the same code in a native program.
    Border,
    /// A first run, with transactions, into a directory server that puts every write on the disk. Slow.
    Durable,
    /// A first run that is killed at half and run again. Slow.
    Crash,
    /// One membership that changes, of groups of three sizes.
    Membership,
    /// Many tenants in one process.
    Tenants,
    /// The same, with one among them that is new and large.
    Newcomer,
    /// A first run into a domain of Active Directory. Slow.
    Domain,
    /// A first run into the stand-in of Microsoft Graph, which takes so many writes and no more. Slow.
    Graph,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(task) = arguments.task {
        return task.run();
    }
    let mut bench = Bench::new(&arguments)?;
    let ended = bench.run();
    // What was measured before something failed is shown all the same.
    write!(std::io::stdout(), "{}", bench.report)?;
    if let Some(file) = &arguments.json {
        serde_json::to_writer_pretty(BufWriter::new(File::create(file)?), &bench.report)?;
    }
    ended?;
    if let Some(file) = &arguments.picture {
        Picture::new(&arguments.from, &bench.report)?.draw(file)?;
    }
    Ok(())
}
