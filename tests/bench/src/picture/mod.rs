//! A picture of what was measured: time and memory over the number of persons, as SVG.
//!
//! Plain text that any viewer shows, with no background of its own, and with colours that can be read on white as on
//! black: a viewer may be dark without telling the picture.
//! Both axes are logarithmic, so that what grows with the persons is a straight line.

mod axis;

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use axis::{Axis, grouped};
use serde::Deserialize;

use crate::report::Report;

/// What is drawn, by the names of rows, each with its colour and the dashes of its line.
const SERIES: [(&str, &str, &str); 3] = [
    ("first run into slapd", "#3182ce", ""),
    ("first run into ldif", "#dd6b20", "6 3"),
    ("no change", "#2f9e6e", "2 3"),
];

/// What was measured with fewer persons is about starting, not about persons.
const FEWEST: u32 = 100;

/// The whole picture, and one of its two panels.
const WIDTH: f64 = 840.0;
const HEIGHT: f64 = 360.0;
const PANEL: f64 = 320.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 310.0;
const LEFTS: [f64; 2] = [70.0, 480.0];

/// What is read from a row, of this call or of an earlier one.
#[derive(Clone, Debug, Deserialize)]
pub struct Point {
    /// The name of the row.
    pub name: String,
    /// How many persons.
    pub persons: u32,
    /// None where nothing was measured.
    pub wall_ms: Option<f64>,
    /// The same.
    pub peak_mib: Option<f64>,
}

/// A file that an earlier call wrote.
#[derive(Deserialize)]
struct Earlier {
    rows: Vec<Point>,
}

/// What is drawn: for each of the series, milliseconds and mebibytes by persons.
#[derive(Debug)]
pub struct Picture {
    series: [BTreeMap<u32, (f64, f64)>; SERIES.len()],
}

impl Picture {
    /// Of the rows of earlier calls and those of this one. Of the same measurement, the last one counts.
    pub fn new(earlier: &[PathBuf], report: &Report) -> Result<Self> {
        let mut picture = Self { series: Default::default() };
        for file in earlier {
            let reader = BufReader::new(File::open(file).with_context(|| file.display().to_string())?);
            let Earlier { rows } = serde_json::from_reader(reader).with_context(|| file.display().to_string())?;
            picture.extend(rows);
        }
        picture.extend(report.points());
        ensure!(picture.series.iter().any(|series| !series.is_empty()), "nothing was measured that can be drawn");
        Ok(picture)
    }

    fn extend(&mut self, points: impl IntoIterator<Item = Point>) {
        for Point { name, persons, wall_ms, peak_mib } in points {
            let place = SERIES.iter().position(|(own, ..)| *own == name).filter(|_| persons >= FEWEST);
            if let (Some(place), Some(wall), Some(peak)) = (place, wall_ms, peak_mib) {
                self.series[place].insert(persons, (wall, peak));
            }
        }
    }

    /// Writes it to a file.
    pub fn draw(&self, file: &Path) -> Result<()> {
        std::fs::write(file, self.text()?).with_context(|| file.display().to_string())
    }

    fn text(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
             <title>Time and peak memory of a run, by the number of persons</title>\n\
             <style>text {{ fill: #74808c }} .grid {{ stroke: #74808c; stroke-opacity: 0.4 }}</style>"
        )?;
        for (place, (name, colour, dashes)) in SERIES.iter().enumerate() {
            let left = LEFTS[0] + place as f64 * 190.0;
            writeln!(
                out,
                "<line x1=\"{left}\" y1=\"16\" x2=\"{}\" y2=\"16\" stroke=\"{colour}\" stroke-width=\"2\" \
                 stroke-dasharray=\"{dashes}\"/><text x=\"{}\" y=\"20\">{name}</text>",
                left + 30.0,
                left + 38.0
            )?;
        }
        self.panel(&mut out, LEFTS[0], "time", time, |(wall, _)| wall)?;
        self.panel(&mut out, LEFTS[1], "peak memory", memory, |(_, peak)| peak)?;
        out += "</svg>\n";
        Ok(out)
    }

    fn panel(
        &self,
        out: &mut String,
        left: f64,
        title: &str,
        label: impl Fn(f64) -> String,
        value: impl Fn((f64, f64)) -> f64,
    ) -> fmt::Result {
        let all = || self.series.iter().flatten();
        let across = Axis::over(all().map(|(persons, _)| f64::from(*persons)), left, left + PANEL);
        let up = Axis::over(all().map(|(_, both)| value(*both)), BOTTOM, TOP);
        let right = left + PANEL;
        writeln!(out, "<text x=\"{left}\" y=\"{}\" font-weight=\"bold\">{title}</text>", TOP - 14.0)?;
        for decade in across.decades() {
            let (x, below) = (across.place(decade), BOTTOM + 18.0);
            writeln!(
                out,
                "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{BOTTOM}\"/>\
                 <text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\">{}</text>",
                grouped(decade)
            )?;
        }
        for decade in up.decades() {
            let (y, beside) = (up.place(decade), left - 8.0);
            writeln!(
                out,
                "<line class=\"grid\" x1=\"{left}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>\
                 <text x=\"{beside}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                y + 4.0,
                label(decade)
            )?;
        }
        let middle = left + PANEL / 2.0;
        writeln!(out, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">persons</text>", BOTTOM + 38.0)?;
        for (series, (name, colour, dashes)) in self.series.iter().zip(SERIES) {
            let place =
                |(persons, both): (&u32, &(f64, f64))| (across.place(f64::from(*persons)), up.place(value(*both)));
            let line: Vec<String> = series.iter().map(place).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            writeln!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
                 stroke-dasharray=\"{dashes}\"/>",
                line.join(" ")
            )?;
            for point in series {
                let (x, y) = place(point);
                let (persons, found) = (grouped(f64::from(*point.0)), label(value(*point.1)));
                writeln!(
                    out,
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\">\
                     <title>{name}, {persons} persons: {found}</title></circle>"
                )?;
            }
        }
        Ok(())
    }
}

fn time(milliseconds: f64) -> String {
    if milliseconds < 1_000.0 {
        format!("{} ms", grouped(milliseconds))
    } else {
        format!("{} s", grouped(milliseconds / 1_000.0))
    }
}

fn memory(mebibytes: f64) -> String {
    format!("{} MiB", grouped(mebibytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Picture, Point, memory, time};
    use crate::report::Report;

    fn point(name: &str, persons: u32, wall: f64) -> Point {
        Point { name: name.to_owned(), persons, wall_ms: Some(wall), peak_mib: Some(50.0) }
    }

    #[test]
    fn time_and_memory_are_shown_with_their_units() {
        assert_eq!(["0.1 ms", "100 ms", "10 s"], [0.1, 100.0, 10_000.0].map(time));
        assert_eq!(memory(1_000.0), "1,000 MiB");
    }

    #[test]
    fn the_last_of_the_same_measurement_is_drawn_at_its_place() {
        let mut picture = Picture { series: Default::default() };
        picture.extend([
            point("no change", 1_000, 77.0),
            point("no change", 1_000, 10.0),
            point("no change", 100_000, 1_000.0),
            point("no change", 10, 1.0),
            point("something else", 1_000, 1.0),
        ]);
        assert_eq!(picture.series[2].len(), 2);
        let text = picture.text().unwrap();
        // The ends of both axes: the left bottom and the right top of the panel.
        assert!(text.contains("<polyline points=\"70.0,310.0 390.0,64.0\""), "{text}");
        assert!(text.contains("<title>no change, 100,000 persons: 1 s</title>"), "{text}");
        assert!(!text.contains("77"), "{text}");
    }

    #[test]
    fn there_is_no_picture_of_nothing() {
        assert!(Picture::new(&[], &Report::default()).unwrap_err().to_string().contains("nothing was measured"));
    }
}
