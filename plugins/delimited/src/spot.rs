//! Where in a file the next page begins, and in which state of the file: what a cursor says.

use crate::table::{Separation, Table};
use sluss_sdk::files::{Folder, Info};
use sluss_sdk::{Cursor, Error};

/// A place between two lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    offset: u64,
    line: u64,
    size: u64,
    modified: i64,
}

impl Spot {
    /// Where this table goes on, in a file that is so.
    pub fn of(table: &Table, info: &Info) -> Self {
        Spot { offset: table.offset(), line: table.line(), size: info.size, modified: info.modified }
    }

    /// The place that a cursor says, or this one if there is none. None if the file was changed since.
    pub fn told(self, cursor: Option<&[u8]>) -> Result<Option<Self>, Error> {
        let Some(cursor) = cursor else { return Ok(Some(self)) };
        let number = |at: usize| cursor.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        let (Some(offset), Some(line), Some(size), Some(modified), 32) =
            (number(0), number(8), number(16), number(24), cursor.len())
        else {
            return Err(Error::invalid("The cursor is not one of this connector"));
        };
        let spot = Spot { offset, line, size, modified: modified as i64 };
        Ok(((size, spot.modified) == (self.size, self.modified)).then_some(spot))
    }

    /// The cursor that says this place.
    pub fn cursor(self) -> Cursor {
        let numbers = [self.offset, self.line, self.size, self.modified as u64];
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// The lines from here on.
    pub fn table(self, folder: &Folder, name: &str, separation: Separation) -> Table {
        Table::new(folder, name, separation, self.offset, self.line)
    }
}
