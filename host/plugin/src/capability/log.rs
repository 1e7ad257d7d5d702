//! A connector's lines in the operator's log.
//!
//! The host says who speaks, cleans what is said, and lets nobody flood the log: after a burst, lines come at a steady
//! rate, and what was left out is counted.

use crate::limits::Limits;
use crate::scrub::Scrubber;
use std::time::Instant;

/// How loud a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For whoever writes the connector.
    Debug,
    /// For the record.
    Info,
    /// Somebody should look.
    Warn,
    /// Something failed.
    Error,
}

/// The most named values that one line may carry.
const MOST_FIELDS: usize = 32;

/// The log of one connector.
#[derive(Debug)]
pub struct Log {
    system: String,
    plugin: String,
    burst: f64,
    rate: f64,
    /// How many lines may come now.
    credit: f64,
    since: Instant,
    left_out: u64,
}

impl Log {
    /// The log of a plugin that serves a system.
    pub fn new(system: &str, plugin: &str, limits: &Limits) -> Self {
        let burst = f64::from(limits.log_burst);
        Log {
            system: system.to_owned(),
            plugin: plugin.to_owned(),
            burst,
            rate: f64::from(limits.log_rate),
            credit: burst,
            since: Instant::now(),
            left_out: 0,
        }
    }

    /// Writes a line, if there is room for it.
    pub fn write(&mut self, level: Level, message: &str, fields: &[(String, String)], scrubber: &Scrubber) {
        if !self.admit(Instant::now()) {
            return;
        }
        self.settle();
        let mut line = scrubber.clean(message);
        for (name, value) in fields.iter().take(MOST_FIELDS) {
            line.push_str(&format!(" {}={}", scrubber.clean(name), scrubber.clean(value)));
        }
        // Fields can add up to a secret or a number that none of them holds alone.
        let line = scrubber.clean(&line);
        let (system, plugin) = (self.system.as_str(), self.plugin.as_str());
        match level {
            Level::Debug => tracing::debug!(target: "sluss::connector", system, plugin, "{line}"),
            Level::Info => tracing::info!(target: "sluss::connector", system, plugin, "{line}"),
            Level::Warn => tracing::warn!(target: "sluss::connector", system, plugin, "{line}"),
            Level::Error => tracing::error!(target: "sluss::connector", system, plugin, "{line}"),
        }
    }

    fn admit(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        self.since = now;
        self.credit = (self.credit + passed * self.rate).min(self.burst);
        if self.credit < 1.0 {
            self.left_out += 1;
            return false;
        }
        self.credit -= 1.0;
        true
    }

    /// Says how many lines were left out since the last one.
    fn settle(&mut self) {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            let (system, plugin) = (self.system.as_str(), self.plugin.as_str());
            tracing::warn!(target: "sluss::connector", system, plugin, "{left_out} lines were left out: too many at once");
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn after_a_burst_lines_come_at_a_steady_rate() {
        let limits = Limits { log_burst: 3, log_rate: 10, ..Limits::default() };
        let mut log = Log::new("payroll", "heroma", &limits);
        let start = log.since;
        let admitted = (0..10).filter(|_| log.admit(start)).count();
        assert_eq!((admitted, log.left_out), (3, 7));
        assert!(!log.admit(start + Duration::from_millis(50)));
        assert!(log.admit(start + Duration::from_millis(101)));
        assert!(!log.admit(start + Duration::from_millis(102)));
        let later = start + Duration::from_secs(3600);
        assert_eq!((0..10).filter(|_| log.admit(later)).count(), 3);
    }
}
