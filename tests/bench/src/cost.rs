//! What one process costs: wall, processor and memory.
//!
//! Floors and the real program are measured alike, as processes of their own, by the kernel's own account of them: no
//! sampling, nothing of the measurer counted. On Linux a process begins with the peak of the one that started it, since
//! the kernel carries that over when it puts the new program in place. So each is started by a small process that has
//! done nothing else: [`alone`]. Less than that small one held, some 4 MiB, is never told.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use wait4::{ResUse, Wait4};

/// What a process took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// From its start to its end.
    pub wall: Duration,
    /// Of all its threads, in user and kernel mode, with the processes it waited for.
    pub cpu: Duration,
    /// The most memory it held, in bytes.
    pub peak: u64,
}

impl Cost {
    /// What the kernel says of a process that was waited for, and how long that took.
    pub fn new(wall: Duration, used: &ResUse) -> Self {
        Self { wall, cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss }
    }

    /// Both, one after the other.
    pub fn then(self, next: Self) -> Self {
        Self { wall: self.wall + next.wall, cpu: self.cpu + next.cpu, peak: self.peak.max(next.peak) }
    }
}

/// What a measured process cost, and what it printed.
pub struct Measured {
    /// What it took.
    pub cost: Cost,
    /// How it ended.
    pub code: i32,
    /// What it wrote to its output.
    pub output: String,
}

/// What [`alone`] says of a process.
#[derive(Serialize, Deserialize)]
struct Account {
    cost: Cost,
    /// None if a signal ended it.
    code: Option<i32>,
    /// The same in words.
    ended: String,
}

/// Runs a program to its end, which must be one of `codes`. Its output goes to a file, so that a full pipe never makes
/// it wait.
pub fn measure<I>(program: &Path, arguments: &[I], codes: &[i32]) -> Result<Measured>
where
    I: AsRef<OsStr>,
{
    let mut output = tempfile::tempfile()?;
    let account = tempfile::NamedTempFile::new()?;
    let status = Command::new(std::env::current_exe()?)
        .arg("alone")
        .args([account.path(), program])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(Stdio::inherit())
        .status()?;
    ensure!(status.success(), "{} cannot be measured", program.display());
    let Account { cost, code, ended } = serde_json::from_reader(BufReader::new(account))?;
    let mut bytes = Vec::new();
    output.rewind()?;
    output.read_to_end(&mut bytes)?;
    let output = String::from_utf8_lossy(&bytes).into_owned();
    match code.filter(|code| codes.contains(code)) {
        Some(code) => Ok(Measured { cost, code, output }),
        None => bail!("{} ended with {ended}:\n{output}", program.display()),
    }
}

/// Runs a program to its end, in a process that does nothing else, and says in a file what it cost.
pub fn alone(account: &Path, program: &OsStr, arguments: &[OsString]) -> Result<()> {
    let began = Instant::now();
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("{} cannot be run", program.display()))?;
    let used = child.wait4()?;
    let cost = Cost::new(began.elapsed(), &used);
    let told = Account { cost, code: used.status.code(), ended: used.status.to_string() };
    serde_json::to_writer(File::create(account)?, &told)?;
    Ok(())
}

/// The quickest of several runs that all have to succeed: what else the machine does only ever adds.
pub fn best(repeat: u32, mut run: impl FnMut() -> Result<Measured>) -> Result<Measured> {
    let mut best = run()?;
    for _ in 1..repeat {
        best = quicker(Some(best), run()?);
    }
    Ok(best)
}

/// The quicker of two runs of the same, where there was one before.
pub fn quicker(before: Option<Measured>, now: Measured) -> Measured {
    before.filter(|before| before.cost.wall <= now.cost.wall).unwrap_or(now)
}
