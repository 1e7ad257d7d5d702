//! The `sluss` command: an operator's configuration and a command line in, a result and an exit code out.

mod args;
mod bundle;
mod command;
mod config;
mod error;
mod explain;
mod log;
mod message;
mod output;
mod passwords;
mod prove;
mod quality;
mod report;
mod run;
mod systems;
mod word;

use args::{Arguments, Color};
use clap::Parser as _;
use mimalloc::MiMalloc;
use output::Screen;
use std::process::ExitCode;

/// Several times as fast as the usual one where many small values come and go, which is what a run does.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let global = &arguments.global;
    match global.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    log::start(global.quiet, global.verbose);
    let screen = Screen { json: global.json, quiet: global.quiet, verbose: global.verbose > 0 };
    let code = command::carry_out(&arguments, &screen).unwrap_or_else(|error| screen.error(&error));
    ExitCode::from(code)
}
