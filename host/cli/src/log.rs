//! Log lines on standard error, in step with the progress that is drawn there.

use crate::output::progress::Beside;
use tracing::level_filters::LevelFilter;

/// Starts logging: warnings, with `-v` also what goes on, with `-vv` everything.
pub fn start(quiet: bool, verbose: u8) {
    let level = match (quiet, verbose) {
        (true, _) => LevelFilter::ERROR,
        (_, 0) => LevelFilter::WARN,
        (_, 1) => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt().with_max_level(level).with_target(false).with_writer(Beside::default).init();
}
