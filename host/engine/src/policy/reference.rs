//! The reference of what expressions may use, written from the tables that the checker reads.
//!
//! A hand-written page would be wrong after the next change.

use super::function::FUNCTIONS;
use super::vocabulary::{ENGAGEMENT, Field, PERSON, Setting, UNIT, VARIABLES};

/// Every variable, field and function as Markdown.
pub fn reference() -> String {
    let mut page = String::from("# What expressions may use\n");
    let rows = VARIABLES.iter().map(|variable| {
        let settings: Vec<&str> = variable.settings.iter().map(|setting| setting.described()).collect();
        let settings = if settings.len() == Setting::ALL.len() { "everywhere".to_owned() } else { settings.join(", ") };
        [format!("`{}`", variable.name), variable.about.to_owned(), settings]
    });
    table(&mut page, "Variables", ["variable", "what it holds", "where it is there"], rows);
    table(&mut page, "Fields of `person`", ["field", "what it is", "kind"], fields(PERSON));
    table(
        &mut page,
        "Fields of `primary`, `engagement` and the elements of `engagements`",
        ["field", "what it is", "kind"],
        fields(ENGAGEMENT),
    );
    table(&mut page, "Fields of `unit`", ["field", "what it is", "kind"], fields(UNIT));
    let rows = FUNCTIONS.iter().map(|function| [format!("`{}`", function.usage), function.about.to_owned()]);
    table(&mut page, "Functions", ["function", "what it gives"], rows);
    page
}

/// The rows for some fields.
fn fields<O>(fields: &'static [Field<O>]) -> impl Iterator<Item = [String; 3]> {
    fields
        .iter()
        .map(|field| [format!("`{}`", field.name), field.about.to_owned(), field.kind.described().into_owned()])
}

/// Adds a table with its heading.
fn table<const N: usize>(page: &mut String, heading: &str, head: [&str; N], rows: impl Iterator<Item = [String; N]>) {
    page.push_str(&format!("\n## {heading}\n\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(N)));
    rows.for_each(|row| page.push_str(&format!("| {} |\n", row.join(" | "))));
}
