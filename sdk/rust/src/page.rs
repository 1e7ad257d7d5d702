//! Filling a page row by row.
//!
//! Pages are positional: the columns are named once, and every row gives its cells in that order.

use crate::{Cell, Cursor, Error, Page, Rest, Row};

impl Page {
    /// An empty page with these columns that ends the read; say [`more`](Page::more) or
    /// [`incomplete`](Page::incomplete) where it does not.
    pub fn new<S: AsRef<str>>(columns: &[S]) -> Self {
        Page {
            columns: columns.iter().map(|name| name.as_ref().to_owned()).collect(),
            rows: Vec::new(),
            faults: Vec::new(),
            rest: Rest::Complete,
        }
    }

    /// Begins a row; its cells follow in the order of the columns.
    pub fn row(&mut self, id: impl Into<String>) -> &mut Row {
        let cells = Vec::with_capacity(self.columns.len());
        self.rows.push_mut(Row { id: id.into(), version: None, cells })
    }

    /// Adds a record that could not be used. With its id in `object` the rest of the read stands; without, the whole read
    /// counts as incomplete.
    pub fn fault(&mut self, fault: Error) {
        self.faults.push(fault);
    }

    /// There is more behind this cursor.
    #[must_use]
    pub fn more(mut self, cursor: impl Into<Cursor>) -> Self {
        self.rest = Rest::More(cursor.into());
        self
    }

    /// There is more, from this position on; [`position`] reads it again.
    #[must_use]
    pub fn more_at(self, position: u64) -> Self {
        self.more(position.to_le_bytes())
    }

    /// The read ends here, but part of the system could not be read.
    #[must_use]
    pub fn incomplete(mut self, error: Error) -> Self {
        self.rest = Rest::Incomplete(error);
        self
    }
}

/// The position that a cursor of [`Page::more_at`] stands for; 0 without a cursor.
pub fn position(from: Option<&[u8]>) -> Result<u64, Error> {
    let Some(cursor) = from else { return Ok(0) };
    let bytes = cursor.try_into().map_err(|_| Error::invalid("The cursor is not one of this connector"))?;
    Ok(u64::from_le_bytes(bytes))
}

impl Row {
    /// The next cell is this text.
    pub fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.cell(text.into())
    }

    /// The next cell holds this.
    pub fn cell(&mut self, cell: impl Into<Cell>) -> &mut Self {
        self.cells.push(cell.into());
        self
    }

    /// The source says nothing about the next cell.
    pub fn absent(&mut self) -> &mut Self {
        self.cells.push(Cell::Absent);
        self
    }

    /// The system's version of the record.
    pub fn version(&mut self, version: impl Into<String>) -> &mut Self {
        self.version = Some(version.into());
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Value;

    #[test]
    fn cells_stand_in_the_order_of_the_columns() {
        let mut page = Page::new(&["name", "main", "end"]);
        page.row("1").text("Eva").cell(true).absent();
        assert_eq!(
            page.rows[0].cells,
            [Cell::One(Value::Text("Eva".into())), Cell::One(Value::Boolean(true)), Cell::Absent]
        );
        assert_eq!(page.rest, Rest::Complete);
    }

    #[test]
    fn a_position_comes_back_from_its_cursor() {
        let Rest::More(cursor) = Page::new(&["a"]).more_at(70_000).rest else { panic!("more expected") };
        assert_eq!(position(Some(&cursor)).unwrap(), 70_000);
        assert_eq!(position(None).unwrap(), 0);
        assert!(position(Some(b"x")).is_err());
    }
}
