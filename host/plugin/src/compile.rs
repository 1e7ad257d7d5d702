//! Compiles a plugin once, in a child process with limits of its own.
//!
//! A few hundred kilobytes of WebAssembly can keep a compiler busy for a quarter of a minute and a gigabyte. So nobody
//! compiles in the process that holds the run: a child does, and may be stopped.

use crate::cache::{Cache, CacheError};
use crate::limits::{Size, Span};
use crate::scrub::Scrubber;
use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The most address space the child may have.
pub const ADDRESS_SPACE: Size = Size::mebibytes(4096);

/// The most processor time the child may use, in seconds.
pub const PROCESSOR_SECONDS: u64 = 300;

/// More threads than this would fill the child's address space with stacks, on a machine with many cores.
const THREADS: &str = "4";

/// How a child is started that ends up in [`compile_main`].
#[derive(Debug, Clone)]
pub struct Compiler {
    /// The executable: usually this very program.
    pub program: PathBuf,
    /// What stands before the two file names.
    pub arguments: Vec<OsString>,
    /// The longest it may take.
    pub wall: Span,
    /// The largest plugin that is looked at.
    pub largest: Size,
}

impl Compiler {
    /// A compiler with the usual limits: three minutes, 64 MiB.
    pub fn new(program: PathBuf, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Compiler {
            program,
            arguments: arguments.into_iter().map(Into::into).collect(),
            wall: Span(Duration::from_secs(180)),
            largest: Size::mebibytes(64),
        }
    }
}

/// Why a plugin could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The child could not be started or waited for.
    #[error("the compiler {} could not be run: {source}", program.display())]
    Start {
        /// The executable.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The compiler did not want it.
    #[error("it cannot be compiled: {0}")]
    Refused(String),
    /// It took too long.
    #[error("compiling it took longer than {0}, and was stopped")]
    TooLong(Span),
    /// The child was ended by its limits or by somebody.
    #[error(
        "compiling it wanted more than {ADDRESS_SPACE} of memory or {PROCESSOR_SECONDS} s of processor time, and was stopped ({0})"
    )]
    Stopped(ExitStatus),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The child's limits could not be set.
    #[error("the limits of the compiler could not be set: {0}")]
    Limits(io::Error),
    /// The folder for the result.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// What the child does: sets itself limits, compiles one file into another, and returns. The command line calls this for
/// its hidden subcommand and does nothing else in that process.
pub fn compile_main(input: &Path, output: &Path) -> Result<(), CompileError> {
    limit_myself().map_err(CompileError::Limits)?;
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| CompileError::File { path, source }
    };
    let wasm = std::fs::read(input).map_err(file(input))?;
    let refused = |error: wasmtime::Error| CompileError::Refused(format!("{error:#}"));
    let compiled = crate::engine::engine().map_err(refused)?.precompile_component(&wasm).map_err(refused)?;
    std::fs::write(output, compiled).map_err(file(output))
}

#[cfg(unix)]
fn limit_myself() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    for (resource, most) in [(Resource::As, ADDRESS_SPACE.0), (Resource::Cpu, PROCESSOR_SECONDS), (Resource::Core, 0)] {
        let before = getrlimit(resource);
        let most = Some(before.maximum.map_or(most, |maximum| maximum.min(most)));
        setrlimit(resource, Rlimit { current: most, maximum: most })?;
    }
    Ok(())
}

/// Where the system has no such limits, the parent's clock is the only one.
#[cfg(not(unix))]
fn limit_myself() -> io::Result<()> {
    Ok(())
}

/// Has a child compile the plugin, and keeps the result.
pub(crate) fn compile(compiler: &Compiler, cache: &Cache, sha256: &str, wasm: &[u8]) -> Result<(), CompileError> {
    let mut input = cache.temporary()?;
    input.write_all(wasm).map_err(|source| CompileError::File { path: input.path().to_owned(), source })?;
    let output = cache.temporary()?;
    let start = |source| CompileError::Start { program: compiler.program.clone(), source };
    let mut child = Command::new(&compiler.program)
        .args(&compiler.arguments)
        .arg(input.path())
        .arg(output.path())
        .env("RAYON_NUM_THREADS", THREADS)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let said = listen(&mut child);
    let status = wait(&mut child, compiler.wall.0).map_err(start)?;
    match status {
        None => Err(CompileError::TooLong(compiler.wall)),
        Some(status) if status.success() => Ok(cache.keep(sha256, output)?),
        Some(status) if status.code().is_none() => Err(CompileError::Stopped(status)),
        Some(_) => {
            let said = said.and_then(|said| said.join().ok()).unwrap_or_default();
            Err(CompileError::Refused(Scrubber::default().clean_tail(&String::from_utf8_lossy(&said))))
        }
    }
}

/// Reads what the child says, so that it never waits for a reader; only the beginning is kept.
fn listen(child: &mut Child) -> Option<std::thread::JoinHandle<Vec<u8>>> {
    let mut stderr = child.stderr.take()?;
    std::thread::Builder::new()
        .name("sluss-compiler".to_owned())
        .spawn(move || {
            let mut kept = Vec::new();
            let mut rest = [0; 4096];
            // A reader that fails has heard what there was.
            while let Ok(length @ 1..) = stderr.read(&mut rest) {
                let room = 8192_usize.saturating_sub(kept.len());
                kept.extend_from_slice(&rest[..length.min(room)]);
            }
            kept
        })
        .ok()
}

/// Waits no longer than that; none if the child had to be stopped.
fn wait(child: &mut Child, wall: Duration) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + wall;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn compile_with(script: &str, wall: Duration) -> CompileError {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("c"), "x".to_owned()).unwrap();
        let mut compiler = Compiler::new("/bin/sh".into(), ["-c", script, "sh"]);
        compiler.wall = Span(wall);
        let error = compile(&compiler, &cache, "00", b"wasm").unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path().join("c")).unwrap().count(), 0, "something was left behind");
        error
    }

    #[test]
    fn a_compiler_that_takes_too_long_is_stopped() {
        let start = Instant::now();
        let error = compile_with("exec sleep 60", Duration::from_millis(150));
        assert!(matches!(error, CompileError::TooLong(_)), "{error}");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn what_the_compiler_says_is_passed_on_clean() {
        let error = compile_with(r"printf '\033[31mno good, 19860221-2394\n' >&2; exit 3", Duration::from_secs(20));
        assert_eq!(error.to_string(), "it cannot be compiled: no good, [number]");
    }

    #[test]
    fn a_compiler_that_was_ended_by_its_limits_says_so() {
        let error = compile_with("kill -ABRT $$", Duration::from_secs(20));
        assert!(error.to_string().contains("more than 4 GiB of memory or 300 s"), "{error}");
    }

    #[test]
    fn a_chatty_compiler_is_not_held_up() {
        let error = compile_with("yes complaint | head -c 1000000 >&2; exit 1", Duration::from_secs(20));
        assert!(error.to_string().starts_with("it cannot be compiled: complaint complaint"), "{error}");
    }

    #[test]
    fn a_compiler_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("c"), "x".to_owned()).unwrap();
        let compiler = Compiler::new("/nowhere/sluss".into(), ["compile"]);
        let error = compile(&compiler, &cache, "00", b"wasm").unwrap_err();
        assert!(error.to_string().contains("/nowhere/sluss"), "{error}");
    }
}
