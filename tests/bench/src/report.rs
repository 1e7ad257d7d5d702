//! What was measured: a table to read, and JSON to compare with the next time.

use std::fmt;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::aim::Aim;
use crate::cost::Cost;
use crate::picture::Point;

/// One measurement.
#[derive(Serialize)]
pub struct Row {
    name: String,
    persons: u32,
    /// None, as the next two, for what came to no end.
    wall_ms: Option<f64>,
    cpu_ms: Option<f64>,
    peak_mib: Option<f64>,
    /// The floor, or the sum of the floors, by the clock; none for what is a floor itself or has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    floor_ms: Option<f64>,
    /// How many times its floor it took, by the clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    times_floor: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aims: Vec<Aim>,
    /// What it did that can be counted.
    did: String,
}

impl Row {
    /// A measurement, and what it did that can be counted.
    pub fn new(name: impl Into<String>, persons: u32, cost: Cost, did: impl Into<String>) -> Self {
        Self {
            wall_ms: Some(milliseconds(cost.wall)),
            cpu_ms: Some(milliseconds(cost.cpu)),
            peak_mib: Some((cost.peak as f64 / 1_048_576.0 * 10.0).round() / 10.0),
            ..Self::unmeasured(name, persons, did)
        }
    }

    /// What came to no end, and why.
    pub fn unmeasured(name: impl Into<String>, persons: u32, did: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            persons,
            wall_ms: None,
            cpu_ms: None,
            peak_mib: None,
            floor_ms: None,
            times_floor: None,
            aims: Vec::new(),
            did: did.into(),
        }
    }

    /// The same beside its floor: nothing that does the same work can be expected to be quicker.
    pub fn beside(mut self, floor: Duration) -> Self {
        let floor_ms = milliseconds(floor);
        self.floor_ms = Some(floor_ms);
        self.times_floor = self.wall_ms.map(|wall| (wall / floor_ms * 100.0).round() / 100.0);
        self
    }

    /// The same held against an aim.
    pub fn aims(mut self, aim: Aim) -> Self {
        self.aims.push(aim);
        self
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wall, peak) = (number(self.wall_ms), number(self.peak_mib));
        write!(f, "{} ({} persons): {wall} ms, {peak} MiB, {}", self.name, self.persons, self.did)
    }
}

/// All measurements, in the order they were made.
#[derive(Default, Serialize)]
pub struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Adds a measurement.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// What a picture shows of each.
    pub fn points(&self) -> impl Iterator<Item = Point> {
        self.rows.iter().map(|row| Point {
            name: row.name.clone(),
            persons: row.persons,
            wall_ms: row.wall_ms,
            peak_mib: row.peak_mib,
        })
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

/// A number as the table shows it, or that there is none.
fn number(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.1}"))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header(["measured", "persons", "wall ms", "floor ms", "×", "cpu ms", "peak MiB", "aims", "did"]);
        for row in &self.rows {
            let aims: Vec<String> = row.aims.iter().map(Aim::to_string).collect();
            table.add_row([
                row.name.clone(),
                row.persons.to_string(),
                number(row.wall_ms),
                number(row.floor_ms),
                row.times_floor.map_or_else(|| "-".to_owned(), |times| format!("{times:.2}")),
                number(row.cpu_ms),
                number(row.peak_mib),
                aims.join("\n"),
                row.did.clone(),
            ]);
        }
        for column in table.column_iter_mut().skip(1).take(6) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(f, "{table}")
    }
}
