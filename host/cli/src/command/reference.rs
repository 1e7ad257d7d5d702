//! `__reference`: the pages of `docs/reference`, written from what the program itself knows.
//!
//! A page written by hand would be wrong after the next change; a test holds those that are kept to what is printed
//! here.

mod line;
mod plugins;
mod schema;

use crate::args::Page;
use crate::error::CliError;
use crate::output::{Progress, Screen};
use sluss_engine::policy;
use std::path::Path;

/// Prints a page.
pub(super) async fn reference(file: &Path, screen: &Screen, progress: &Progress, page: Page) -> Result<u8, CliError> {
    let text = match page {
        Page::CommandLine => line::page(),
        Page::Expressions => policy::reference(),
        Page::Plugins => plugins::page(file, progress).await?,
        Page::Policy => format!("# Everything that a policy can say\n\n```toml\n{}```\n", policy::EXAMPLE),
    };
    screen.result(&text, Clone::clone)?;
    Ok(0)
}

/// Adds a table, if there is anything to stand in it.
fn table<const N: usize>(page: &mut String, head: [&str; N], rows: Vec<[String; N]>) {
    if rows.is_empty() {
        return;
    }
    *page += &format!("\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(N));
    for row in rows {
        // A line break or a bar would end the cell.
        let cells = row.map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|"));
        *page += &format!("| {} |\n", cells.join(" | "));
    }
}
