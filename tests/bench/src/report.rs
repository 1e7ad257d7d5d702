//! What was measured: a table to read, and JSON to compare with the next time.

use std::fmt;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::cost::Cost;

/// One measurement.
#[derive(Serialize)]
struct Row {
    name: String,
    persons: u32,
    wall_ms: f64,
    cpu_ms: f64,
    peak_mib: f64,
    /// How many times its floor it took, by the clock, if it is not a floor itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    times_floor: Option<f64>,
    /// What it did that can be counted.
    did: String,
}

/// All measurements, in the order they were made.
#[derive(Default, Serialize)]
pub struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Adds a floor: nothing that does the same work can be expected to be quicker.
    pub fn floor(&mut self, name: &str, persons: u32, cost: Cost, did: String) {
        self.push(name, persons, cost, None, did);
    }

    /// Adds a measurement beside its floor, or the sum of its floors.
    pub fn beside(&mut self, name: &str, persons: u32, cost: Cost, floor: Duration, did: String) {
        self.push(name, persons, cost, Some(cost.wall.as_secs_f64() / floor.as_secs_f64()), did);
    }

    fn push(&mut self, name: &str, persons: u32, cost: Cost, times_floor: Option<f64>, did: String) {
        self.rows.push(Row {
            name: name.to_owned(),
            persons,
            wall_ms: milliseconds(cost.wall),
            cpu_ms: milliseconds(cost.cpu),
            peak_mib: (cost.peak as f64 / 1_048_576.0 * 10.0).round() / 10.0,
            times_floor: times_floor.map(|times| (times * 100.0).round() / 100.0),
            did,
        });
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header(["measured", "persons", "wall ms", "cpu ms", "peak MiB", "× floor", "did"]);
        for row in &self.rows {
            table.add_row([
                row.name.clone(),
                row.persons.to_string(),
                format!("{:.1}", row.wall_ms),
                format!("{:.1}", row.cpu_ms),
                format!("{:.1}", row.peak_mib),
                row.times_floor.map_or_else(|| "floor".to_owned(), |times| format!("{times:.2}")),
                row.did.clone(),
            ]);
        }
        for column in table.column_iter_mut().skip(1).take(5) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(f, "{table}")
    }
}
