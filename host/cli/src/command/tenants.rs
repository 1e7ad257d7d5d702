//! `run --tenants`: many municipalities in one process, one after the other on each processor. They share the code of
//! their plugins and nothing else; what becomes of one is its own.

use super::{run, wait};
use crate::config;
use crate::error::{CliError, ErrorKind};
use crate::output::report::report as render;
use crate::output::style::{GOES, HEADING, count, paint, shown};
use crate::output::{Progress, Screen, error};
use crate::report::Report;
use crate::run::Reconcile;
use crate::systems::Yard;
use jiff::civil::Date;
use serde::Serialize;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The file that makes a folder a tenant's.
const FILE: &str = "sluss.toml";
/// Exit codes, the one that needs somebody most first.
const WORST: [u8; 5] = [2, 5, 3, 4, 1];

/// What became of every tenant, in the shape that `--json` prints.
#[derive(Debug, Serialize)]
struct All<'a> {
    format: &'static str,
    tenants: Vec<Line<'a>>,
}

/// What became of one: a report, or why there is none.
#[derive(Debug, Serialize)]
struct Line<'a> {
    name: &'a str,
    code: u8,
    /// Wall-clock milliseconds from its turn to its end, whatever became of it.
    milliseconds: f64,
    report: Option<&'a Report>,
    error: Option<error::Told<'a>>,
}

/// A tenant that was run.
struct Tenant {
    name: String,
    took: Duration,
    result: Result<Report, CliError>,
}

impl Tenant {
    fn code(&self) -> u8 {
        match &self.result {
            Ok(report) => report.ending.code(),
            Err(told) => told.kind.code(),
        }
    }

    fn line(&self) -> Line<'_> {
        let error = self.result.as_ref().err().map(error::Told::new);
        let milliseconds = self.took.as_secs_f64() * 1_000.0;
        Line { name: &self.name, code: self.code(), milliseconds, report: self.result.as_ref().ok(), error }
    }
}

/// Runs every tenant in a folder. Returns the exit code that needs somebody most.
pub(super) fn run(
    folder: &Path,
    screen: &Screen,
    progress: &Progress,
    reconcile: Reconcile,
    on: Option<Date>,
    jobs: Option<NonZeroUsize>,
) -> Result<u8, CliError> {
    let found = find(folder)?;
    progress.stage(&format!("running the tenants in {}", folder.display()), Some(found.len() as u64));
    let workers = jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let yard = Arc::new(Yard::default());
    let next = AtomicUsize::new(0);
    let ended = Mutex::new(Vec::with_capacity(found.len()));
    std::thread::scope(|scope| {
        for _ in 0..workers.min(found.len()) {
            scope.spawn(|| {
                while let Some(place) = found.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let tenant = one(place, screen, reconcile, on, Arc::clone(&yard));
                    ended.lock().unwrap_or_else(PoisonError::into_inner).push(tenant);
                }
            });
        }
    });
    let mut tenants = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    tenants.sort_by(|a, b| a.name.cmp(&b.name));
    progress.finish();
    let code = WORST.into_iter().find(|code| tenants.iter().any(|tenant| tenant.code() == *code)).unwrap_or(0);
    let all = All { format: "sluss-tenants/1", tenants: tenants.iter().map(Tenant::line).collect() };
    screen.result(&all, |_| text(&tenants, screen.verbose))?;
    Ok(code)
}

/// Every folder in a folder that is a tenant's, by name.
fn find(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let unreadable =
        |error: std::io::Error| CliError::not_run(format!("the folder {} cannot be read: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let place = entry.map_err(unreadable)?.path();
        if place.join(FILE).is_file() {
            found.push(place);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(CliError::not_run(format!("no folder in {} has a {FILE}", folder.display()))
            .help("name the folder in which each tenant has a folder of its own, as `sluss init` makes one"));
    }
    Ok(found)
}

/// Runs one tenant. Whatever happens there stays there.
fn one(place: &Path, screen: &Screen, reconcile: Reconcile, on: Option<Date>, yard: Arc<Yard>) -> Tenant {
    let began = Instant::now();
    let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let work = || {
        let config = config::load(&place.join(FILE))?;
        // What is drawn is drawn for all of them together.
        let progress = Progress::new(true, screen.json);
        // What is logged says whose it is.
        tracing::info_span!("tenant", %name).in_scope(|| wait(run::once(&config, &progress, reconcile, on, yard)))
    };
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(CliError::new(ErrorKind::NotRun, "sluss itself failed; the message is among the messages")
            .help("please report this; the next run goes on where this one stopped"))
    });
    Tenant { name, took: began.elapsed(), result }
}

/// How many there were, and in full what those say that wrote something or need somebody.
fn text(tenants: &[Tenant], verbose: bool) -> String {
    let mut out = String::new();
    for tenant in tenants {
        let code = tenant.code();
        let heading = paint(if code == 0 { HEADING } else { GOES }, shown(&tenant.name));
        out += &format!("{heading}: exit code {code}\n");
        let told = match &tenant.result {
            Ok(report) if code == 0 && report.applied.is_empty() => continue,
            Ok(report) => render(report, verbose),
            Err(told) => error::text(told),
        };
        out.extend(told.lines().map(|line| format!("  {line}\n")));
    }
    let well = tenants.iter().filter(|tenant| tenant.code() == 0).count();
    out + &format!("{}, {well} without anything to look at\n", count(tenants.len() as u64, "tenant", "tenants"))
}
