//! The child process that compiles a plugin, as small as it can be.
//!
//! `sluss` is its own compiler, by a hidden subcommand. This one is for whoever uses the sandbox without it, as the tests
//! of this crate do.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else { return ExitCode::from(2) };
    match sluss_plugin::compile_main(Path::new(&input), Path::new(&output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            // Whoever does not listen loses nothing but the reason.
            _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
