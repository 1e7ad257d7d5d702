//! How long it takes to load a plugin that is compiled already, and to hear what it says of itself: a scheduled run does
//! so with each plugin that it uses.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Bench, text};
use crate::aim::Aim;
use crate::cost::{Cost, best, measure};
use crate::report::Row;

/// Plugins by language, where each stands, and for how long at most it may be loaded, in milliseconds.
const PLUGINS: [(&str, &str, u64); 3] =
    [("Rust", "heroma", 2), ("JavaScript", "javascript.wasm", 60), ("Python", "python.wasm", 60)];

/// What the program says of a plugin, as far as it is looked at here.
#[derive(Deserialize)]
struct Inspected {
    load_milliseconds: f64,
}

impl Bench<'_> {
    /// Measures it.
    pub(super) fn load(&mut self) -> Result<()> {
        let nowhere = self.place("nowhere");
        std::fs::create_dir_all(&nowhere)?;
        let configuration = nowhere.join("sluss.toml");
        for (language, file, limit) in PLUGINS {
            let name = format!("load a plugin in {language}");
            let built = self.arguments.examples.join(file);
            let bundled = language == "Rust";
            if !bundled && !built.exists() {
                self.note(Row::unmeasured(&name, 0, "NOT MEASURED: `./just examples` builds it"));
                continue;
            }
            let file = if bundled { Path::new(file) } else { built.as_path() };
            let inspect = ["--json", "--config", text(&configuration)?, "plugin", "inspect", text(file)?];
            // The first time compiles it.
            measure(&self.arguments.sluss, &inspect, &[0])?;
            let mut quickest = f64::INFINITY;
            let found = best(self.arguments.repeat, || {
                let inspected = measure(&self.arguments.sluss, &inspect, &[0])?;
                let Inspected { load_milliseconds } =
                    serde_json::from_str(&inspected.output).with_context(|| inspected.output.clone())?;
                quickest = quickest.min(load_milliseconds);
                Ok(inspected)
            })?;
            let took = Duration::from_secs_f64(quickest / 1_000.0);
            let did = format!("the whole of `plugin inspect`: {:.1} ms", found.cost.wall.as_secs_f64() * 1_000.0);
            let row = Row::new(&name, 0, Cost { wall: took, cpu: took, ..found.cost }, did);
            self.note(row.aims(Aim::at_most("load", took, Duration::from_millis(limit))));
        }
        Ok(())
    }
}
