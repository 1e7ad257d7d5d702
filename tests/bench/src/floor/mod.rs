//! The floors: the least that the work can cost, done by the plainest program that does it.
//!
//! Each runs as a process of its own and prints one line: how many things it read or wrote.

pub mod entry;
pub mod ldap;
pub mod scan;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use ldap::Server;
use sluss_people::Population;

/// A floor to run in this process.
#[derive(Clone, Subcommand)]
pub enum Floor {
    /// Starts and ends.
    Start,
    /// Parses a file of employments and takes the fingerprint of each record.
    Scan {
        /// The file.
        file: PathBuf,
    },
    /// Adds the accounts and groups of a population to a directory.
    Write {
        #[command(flatten)]
        server: Server,
        /// The population's seed.
        #[arg(long)]
        seed: u64,
        /// The population's size.
        #[arg(long)]
        persons: u32,
    },
    /// Reads every entry below the suffix.
    Read {
        #[command(flatten)]
        server: Server,
    },
}

impl Floor {
    /// Does the work and says how much it was.
    pub fn run(self) -> Result<u64> {
        // One thread, so that wall and processor time say the same of a client.
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
        match self {
            Floor::Start => Ok(0),
            Floor::Scan { file } => scan::scan(&file),
            Floor::Write { server, seed, persons } => {
                let population = Population::new(seed, persons);
                runtime()?.block_on(ldap::write(&server, entry::accounts(&population), entry::groups(&population)))
            }
            Floor::Read { server } => runtime()?.block_on(ldap::read(&server)),
        }
    }
}
