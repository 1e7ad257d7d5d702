//! Finding rows that say the same thing twice, and rows that contradict each other, before any of them is given.
//!
//! A row may be contradicted by one a million lines further on. So the file is gone through once for this alone; what is
//! kept of a row is sixteen bytes.

use std::collections::HashMap;

/// What is known of a row from its twins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Double {
    /// It says what the row on this line says.
    SameAs(u32),
    /// It has the id of the row on this line and says something else.
    Against(u32),
}

/// Rows with twins, by their line.
pub type Doubles = HashMap<u32, Double>;

/// The rows of a file, while they are gone through.
#[derive(Debug, Default)]
pub struct Seen {
    rows: Vec<Row>,
}

/// Sorted by id, then by line.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    id: u64,
    line: u32,
    content: u32,
}

impl Seen {
    /// Notes a row by the fingerprints of its id and of all that it says.
    pub fn note(&mut self, id: u64, content: u64, line: u32) {
        self.rows.push(Row { id, line, content: (content >> 32) as u32 });
    }

    /// The rows that have twins.
    pub fn doubles(mut self) -> Doubles {
        self.rows.sort_unstable();
        let mut doubles = Doubles::new();
        for twins in self.rows.chunk_by(|a, b| a.id == b.id) {
            let [first, others @ ..] = twins else { continue };
            let differs = |row: &&Row| row.content != first.content;
            match others.iter().find(differs) {
                Some(other) => {
                    doubles.insert(first.line, Double::Against(other.line));
                    doubles.extend(others.iter().map(|row| (row.line, Double::Against(first.line))));
                }
                None => doubles.extend(others.iter().map(|row| (row.line, Double::SameAs(first.line)))),
            }
        }
        doubles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equal_rows_stands_and_none_of_those_that_differ() {
        let mut seen = Seen::default();
        for (line, id, content) in [(2, 1, 10), (3, 2, 20), (4, 1, 10), (5, 3, 30), (6, 2, 21), (7, 2, 20)] {
            seen.note(id, content << 32, line);
        }
        let expected = Doubles::from([
            (4, Double::SameAs(2)),
            (3, Double::Against(6)),
            (6, Double::Against(3)),
            (7, Double::Against(3)),
        ]);
        assert_eq!(seen.doubles(), expected);
    }
}
