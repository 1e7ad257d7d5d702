//! Columns that stand straight.

use comfy_table::{CellAlignment, Table};

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Texts begin together.
    Text,
    /// Numbers end together.
    Number,
}

/// Lines of cells below a line of headings, indented by two.
pub fn table(headings: &[(&str, Column)], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header(headings.iter().map(|(heading, _)| *heading));
    table.add_rows(rows);
    for (index, (_, column)) in headings.iter().enumerate() {
        if let Some(shown) = table.column_mut(index) {
            shown.set_padding((if index == 0 { 2 } else { 1 }, 1));
            if *column == Column::Number {
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table.trim_fmt() + "\n"
}
