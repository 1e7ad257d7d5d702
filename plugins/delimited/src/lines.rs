//! Lines that are no records by themselves: several make one, or one makes several.

use crate::read::{Layout, cut_off, line};
use sluss_sdk::files::Folder;
use sluss_sdk::{Cell, Error, Place, Rest};

/// A line of a file.
#[derive(Debug)]
pub struct Line {
    /// What stands in the columns that are wanted, in their order; nothing at all in a line that has other fields than it
    /// should have.
    pub cells: Vec<Cell>,
    /// What is wrong with it, if anything is; its cell is absent then.
    pub fault: Option<Error>,
}

impl Layout {
    /// Reads every line of a file. The mapping has no id: whoever takes the lines makes records of them.
    pub fn lines(&self, folder: &Folder, name: &str, mut take: impl FnMut(Line)) -> Result<Rest, Error> {
        let mut open = self.open(folder, name)?;
        while let Some(record) = open.table.next()? {
            if self.is_cut_off(&record) {
                return Ok(Rest::Incomplete(cut_off(name, &record)));
            }
            let place = Place::file(name).line(line(&record));
            take(match self.misfit(&open.columns, &record, &place) {
                Some(fault) => Line { cells: Vec::new(), fault: Some(fault) },
                None => {
                    let (mut cells, fault) = self.cells(&open.columns, &record, &place);
                    cells.truncate(self.mapping.wanted.len());
                    Line { cells, fault }
                }
            });
        }
        self.ending(folder, name, &open)
    }
}
