//! What one process costs: wall, processor and memory.
//!
//! Floors and the real program are measured alike, as processes of their own, by the kernel's own account of them: no
//! sampling, nothing of the measurer counted. On Linux a process begins with the peak of the one that started it, so
//! this program stays small and never holds a data set.

use std::ffi::OsStr;
use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
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

/// What a measured process cost, how it ended, and what it printed.
pub struct Measured {
    /// What it took.
    pub cost: Cost,
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to its output.
    pub output: String,
}

/// Runs a program to its end. Its output goes to a file, so that a full pipe never makes it wait.
pub fn measure<I: AsRef<OsStr>>(program: &Path, arguments: impl IntoIterator<Item = I>) -> Result<Measured> {
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
    let mut text = Vec::new();
    output.rewind()?;
    output.read_to_end(&mut text)?;
    let cost = Cost { wall, cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss };
    Ok(Measured { cost, status: used.status, output: String::from_utf8_lossy(&text).into_owned() })
}

/// The quickest of several runs that all have to succeed: what else the machine does only ever adds.
pub fn best<I: AsRef<OsStr>>(program: &Path, arguments: &[I], repeat: u32) -> Result<Measured> {
    let mut best: Option<Measured> = None;
    for _ in 0..repeat.max(1) {
        let measured = measure(program, arguments)?;
        if !measured.status.success() {
            bail!("{} ended with {}:\n{}", program.display(), measured.status, measured.output);
        }
        if best.as_ref().is_none_or(|best| measured.cost.wall < best.cost.wall) {
            best = Some(measured);
        }
    }
    best.context("nothing was measured")
}
