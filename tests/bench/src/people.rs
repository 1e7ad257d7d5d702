//! The files that the measured runs read: 25 columns, three of them beyond what the dialect knows.
//!
//! What is beyond the dialect travels through the whole machine too, so it is measured with the rest.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::Args;
use sluss_people::{EMPLOYMENTS_FILE, Population};

/// The columns beyond the dialect.
const MORE: [&str; 3] = ["TELEFON", "RUM", "SKIFT"];

/// More persons than this work in as many municipalities as Sweden has: nobody has three of hundreds of thousands.
const MOST_IN_THREE: u32 = 100_000;
const MUNICIPALITIES: u32 = 290;

/// Whom the files are about.
#[derive(Args, Clone, Copy)]
pub struct People {
    /// The seed.
    #[arg(long)]
    pub seed: u64,
    /// How many persons.
    #[arg(long)]
    pub persons: u32,
    /// So many of a hundred have a new title or unit.
    #[arg(long, default_value_t = 0)]
    pub changed: u8,
    /// The first row stands last: another file that says the same.
    #[arg(long)]
    pub turned: bool,
    /// The file is about this one person alone, counted from 0.
    #[arg(long)]
    pub only: Option<u32>,
}

/// What the columns beyond the dialect say of everybody, where that is not drawn.
#[derive(Args, Clone, Default)]
pub struct Marks {
    /// The telephone number.
    #[arg(long)]
    pub telephone: Option<String>,
    /// The shift.
    #[arg(long)]
    pub shift: Option<String>,
}

impl People {
    /// The population.
    pub fn population(self) -> Population {
        let population = Population::new(self.seed, self.persons).changed(self.changed);
        let codes = self.further();
        population.municipalities(&codes.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The codes of the municipalities, where they are not the three that the policy knows.
    fn further(self) -> Vec<String> {
        let count = if self.persons > MOST_IN_THREE { MUNICIPALITIES } else { 0 };
        (0..count).map(|number| (2001 + number).to_string()).collect()
    }

    /// What a policy has to say of them.
    pub fn tables(self) -> String {
        let table = |code: &String| {
            format!("\n[table.organisation.{code}]\nname = \"Kommun {code}\"\ndomain = \"k{code}.example\"\n")
        };
        self.further().iter().map(table).collect()
    }

    /// Writes both files. How many rows the file of employments has.
    pub fn write(self, marks: &Marks, folder: &Path) -> Result<u64> {
        let population = self.population();
        population.write_to(folder)?;
        let plain = population.employments_csv();
        let mut lines = plain.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let mut out = BufWriter::new(File::create(folder.join(EMPLOYMENTS_FILE))?);
        let header = lines.next().context("the file has no header")?;
        row(&mut out, header, MORE.map(str::to_owned))?;
        let first = if self.turned { lines.next() } else { None };
        let only = self.only.map(|index| population.number(index).to_string());
        let is_wanted = |line: &&[u8]| only.as_ref().is_none_or(|number| line.starts_with(number.as_bytes()));
        let mut count = 0;
        for line in lines.chain(first).filter(is_wanted) {
            let [telephone, room, shift] = more(line);
            let marked = |mark: &Option<String>, drawn| mark.clone().unwrap_or(drawn);
            row(&mut out, line, [marked(&marks.telephone, telephone), room, marked(&marks.shift, shift)])?;
            count += 1;
        }
        out.flush()?;
        Ok(count)
    }
}

fn row(out: &mut impl Write, line: &[u8], more: [String; 3]) -> Result<()> {
    out.write_all(line.trim_ascii_end())?;
    write!(out, ";{};{};{}\r\n", more[0], more[1], more[2])?;
    Ok(())
}

/// What the further columns say of a person: always the same, whatever else changes on the row.
fn more(line: &[u8]) -> [String; 3] {
    let number = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let drawn = blake3::hash(number);
    let [a, b, c, d, e, f, ..] = *drawn.as_bytes();
    let telephone = u32::from_le_bytes([a, b, c, 0]) % 1_000_000;
    let room = u16::from_le_bytes([d, e]) % 900 + 100;
    [telephone_number(telephone), format!("B{room}"), ["dag", "natt", "helg"][usize::from(f % 3)].to_owned()]
}

fn telephone_number(digits: u32) -> String {
    format!("+46 523 {:03} {:03}", digits / 1_000, digits % 1_000)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Marks, People};
    use sluss_people::EMPLOYMENTS_FILE;

    fn lines(people: People) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let rows = people.write(&Marks::default(), folder.path()).unwrap();
        let bytes = std::fs::read(folder.path().join(EMPLOYMENTS_FILE)).unwrap();
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let lines: Vec<String> = text.split_terminator("\r\n").map(str::to_owned).collect();
        assert_eq!(lines.len() as u64, rows + 1);
        lines
    }

    #[test]
    fn every_row_has_25_columns_and_a_turned_file_says_the_same() {
        let people = People { seed: 1, persons: 200, changed: 0, turned: false, only: None };
        let plain = lines(people);
        for line in &plain {
            assert_eq!(line.split(';').count(), 25, "{line}");
        }
        let mut turned = lines(People { turned: true, ..people });
        assert_ne!(plain, turned);
        let last = turned.pop().unwrap();
        turned.insert(1, last);
        assert_eq!(plain, turned);
    }

    #[test]
    fn what_changes_is_one_row_in_a_hundred() {
        let people = People { seed: 1, persons: 1_000, changed: 0, turned: false, only: None };
        let (before, after) = (lines(people), lines(People { changed: 1, ..people }));
        let differing = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        assert_eq!(before.len(), after.len());
        assert_eq!(differing, 10);
    }
}
