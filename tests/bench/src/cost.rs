//! What one process costs: wall, processor and memory.
//!
//! Floors and the real program are measured alike, as processes of their own, by the kernel's own account of them: no
//! sampling, nothing of the measurer counted. On Linux a process begins with the peak of the one that started it, so
//! this program stays small and never holds a data set.

use std::ffi::OsStr;
use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use wait4::Wait4;

/// What a process took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From its start to its end.
    pub wall: Duration,
    /// Of all its threads, in user and kernel mode, with the processes it waited for.
    pub cpu: Duration,
    /// The most memory it held, in bytes.
    pub peak: u64,
}

/// What a measured process cost, and what it printed.
pub struct Measured {
    /// What it took.
    pub cost: Cost,
    /// What it wrote to its output.
    pub output: String,
}

/// Runs a program to its end, which must be one of `codes`. Its output goes to a file, so that a full pipe never makes
/// it wait.
pub fn measure<I>(program: &Path, arguments: &[I], codes: &[i32]) -> Result<Measured>
where
    I: AsRef<OsStr>,
{
    let mut output = tempfile::tempfile()?;
    let began = Instant::now();
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(Stdio::inherit())
        .spawn()
        .with_context(|| format!("{} cannot be run", program.display()))?;
    let used = child.wait4()?;
    let wall = began.elapsed();
    let mut bytes = Vec::new();
    output.rewind()?;
    output.read_to_end(&mut bytes)?;
    let output = String::from_utf8_lossy(&bytes).into_owned();
    if !used.status.code().is_some_and(|code| codes.contains(&code)) {
        bail!("{} ended with {}:\n{output}", program.display(), used.status);
    }
    let cost = Cost { wall, cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss };
    Ok(Measured { cost, output })
}

/// The quickest of several runs that all have to succeed: what else the machine does only ever adds.
pub fn best(repeat: u32, mut run: impl FnMut() -> Result<Measured>) -> Result<Measured> {
    let mut best = run()?;
    for _ in 1..repeat {
        best = quicker(best, run()?);
    }
    Ok(best)
}

/// The quicker of two runs of the same.
pub fn quicker(one: Measured, other: Measured) -> Measured {
    if other.cost.wall < one.cost.wall { other } else { one }
}
