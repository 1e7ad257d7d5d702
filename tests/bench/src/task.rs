//! What this program does in processes of its own: the floors, whose cost is measured, and all that would make the
//! measuring process large.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Subcommand;

use crate::cost;
use crate::count::Count;
use crate::directory::{self, difference, ldif, truth};
use crate::floor::ldap::{self, Server};
use crate::floor::{disk, native, rules, scan};
use crate::people::{Marks, People};

/// Something to do in this process. Each prints how many things it was about.
#[derive(Clone, Subcommand)]
pub enum Task {
    /// Runs a program, and keeps in a file what it cost.
    Alone {
        /// The file.
        account: PathBuf,
        /// The program.
        program: OsString,
        /// What it is told.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Counts instructions, and fails where there are more than there were.
    Count(Count),
    /// Floor: starts and ends.
    Start,
    /// Floor: parses files of employments and takes the fingerprint of each record.
    Scan {
        /// The files.
        files: Vec<PathBuf>,
    },
    /// Floor: reads files of employments with the plugin's own code.
    Native {
        /// The folder of the files.
        folder: PathBuf,
    },
    /// Floor: writes a page to a file and has it on the disk, many times.
    Disk {
        /// The folder of the file.
        folder: PathBuf,
    },
    /// Floor: writes the entries of a file to a directory's LDIF file.
    Ldif {
        /// The entries.
        entries: PathBuf,
        /// The LDIF file.
        out: PathBuf,
    },
    /// Floor: sends the writes of a file to a directory.
    Write {
        #[command(flatten)]
        server: Server,
        /// So many in one transaction; each by itself, if it is not said.
        #[arg(long)]
        together: Option<usize>,
        /// The writes.
        writes: PathBuf,
    },
    /// Floor: reads every entry of a directory.
    Read {
        #[command(flatten)]
        server: Server,
    },
    /// Decides a population, twice; prints the nanoseconds that each took as well.
    Rules {
        #[command(flatten)]
        people: People,
        /// Without a look at the clock: valgrind keeps the way to it from the program.
        #[arg(long)]
        untimed: bool,
    },
    /// Writes the files that a run reads.
    Files {
        #[command(flatten)]
        people: People,
        #[command(flatten)]
        marks: Marks,
        /// The folder.
        folder: PathBuf,
    },
    /// Keeps the entries of a directory in a file.
    Dump {
        #[command(flatten)]
        server: Server,
        /// The file.
        out: PathBuf,
    },
    /// Keeps the entries of an LDIF file in a file.
    Load {
        /// The LDIF file.
        ldif: PathBuf,
        /// The file.
        out: PathBuf,
    },
    /// Works out the writes that make the entries of one file into those of another.
    Difference {
        /// What there is; nothing, if it is not said.
        #[arg(long)]
        before: Option<PathBuf>,
        /// What there shall be.
        after: PathBuf,
        /// The writes.
        out: PathBuf,
    },
    /// Counts the members of a group.
    Members {
        /// The entries.
        entries: PathBuf,
        /// The group's name.
        group: String,
    },
    /// Fails unless the entries of a file are those that the people ask for.
    Check {
        #[command(flatten)]
        people: People,
        /// The entries.
        entries: PathBuf,
    },
}

impl Task {
    /// Does it, and prints how much it was.
    pub fn run(self) -> Result<()> {
        // One thread, so that wall and processor time say the same of a client.
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
        let count = match self {
            // What is printed is what that program prints.
            Task::Alone { account, program, arguments } => return cost::alone(&account, &program, &arguments),
            Task::Count(count) => count.run()?,
            Task::Start => 0,
            Task::Scan { files } => scan::scan(&files)?,
            Task::Native { folder } => native::read(&folder)?,
            Task::Disk { folder } => disk::write(&folder)?,
            Task::Ldif { entries, out } => ldif::write(directory::load(&entries)?, &out)?,
            Task::Write { server, together, writes } => runtime()?.block_on(ldap::write(&server, &writes, together))?,
            Task::Read { server } => runtime()?.block_on(ldap::read(&server))?,
            Task::Rules { people, untimed } => {
                let clock: rules::Clock = if untimed { || Ok(Duration::ZERO) } else { rules::clock };
                let decided = rules::decide(&people.population(), clock)?;
                write!(std::io::stdout(), "{} {} ", decided.first.as_nanos(), decided.again.as_nanos())?;
                people.persons.into()
            }
            Task::Files { people, marks, folder } => people.write(&marks, &folder)?,
            Task::Dump { server, out } => runtime()?.block_on(ldap::dump(&server, &out))?,
            Task::Load { ldif, out } => directory::save(ldif::read(&ldif)?, &out)?,
            Task::Difference { before, after, out } => difference::write(before.as_deref(), &after, &out)?,
            Task::Members { entries, group } => truth::members(&entries, &group)?,
            Task::Check { people, entries } => truth::check(&people.population(), &entries)?,
        };
        writeln!(std::io::stdout(), "{count}")?;
        Ok(())
    }
}
