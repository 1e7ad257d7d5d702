//! Glue for `log`.
//!
//! Logging never fails and never waits.

use crate::bindings::host::log::{Host, Level};
use crate::capability::log;
use crate::state::State;

impl Host for State {
    async fn write(&mut self, level: Level, message: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        let level = match level {
            Level::Debug => log::Level::Debug,
            Level::Info => log::Level::Info,
            Level::Warn => log::Level::Warn,
            Level::Error => log::Level::Error,
        };
        self.log.write(level, &message, &fields, &self.scrubber);
        Ok(())
    }
}
