//! Remembers that a system was examined and found sound, so that the next run need not load its plugin to know.
//!
//! One small file beside the state, worth nothing once anything that it depends on has changed.

use std::fs;
use std::path::{Path, PathBuf};

/// What was remembered of one system.
#[derive(Debug)]
pub(super) struct Sound {
    file: PathBuf,
    key: String,
    /// The most changes that the system takes in one batch.
    pub(super) max_batch: u32,
    /// The names of its classes.
    pub(super) classes: Vec<String>,
}

impl Sound {
    /// Reads what was remembered; nothing is remembered of a system that was never examined.
    pub(super) fn read(folder: &Path, system: &str) -> Self {
        let file = folder.join(format!("{system}.sound"));
        let text = fs::read_to_string(&file).unwrap_or_default();
        let mut lines = text.lines();
        let key = lines.next().unwrap_or_default().to_owned();
        let max_batch = lines.next().and_then(|line| line.parse().ok()).unwrap_or(1);
        let classes = lines.map(str::to_owned).collect();
        Sound { file, key, max_batch, classes }
    }

    /// Whether it was sound under this key.
    pub(super) fn is(&self, key: &str) -> bool {
        self.key == key
    }

    /// It is sound under this key now.
    pub(super) fn is_now(&mut self, key: String, max_batch: u32, classes: Vec<String>) {
        if self.key == key {
            return;
        }
        if let Err(error) = fs::write(&self.file, format!("{key}\n{max_batch}\n{}\n", classes.join("\n"))) {
            tracing::debug!(file = %self.file.display(), %error, "the next run examines the system again");
        }
        (self.key, self.max_batch, self.classes) = (key, max_batch, classes);
    }
}
