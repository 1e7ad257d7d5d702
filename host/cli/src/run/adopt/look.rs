//! Reading a whole class of a target, apart from what is known of it.

use crate::error::{CliError, ErrorKind};
use crate::run::ground::Ground;
use sluss_engine::record::{Page, Rest};
use sluss_engine::value::{Attributes, Cell};

/// Objects a page.
const PAGE: u32 = 1000;

/// An object that Sluss does not know.
#[derive(Debug, Clone)]
pub struct Strange {
    /// The target's id.
    pub id: String,
    /// The target's version.
    pub version: Option<String>,
    /// What was asked for and is there.
    pub attributes: Attributes,
}

/// What a class has.
#[derive(Debug, Default)]
pub struct Found {
    /// How many of its objects are known.
    pub known: u64,
    /// The others.
    pub strange: Vec<Strange>,
}

/// Reads a class. A read that is not whole is an error: what it did not show may be what is looked for.
pub async fn class(
    ground: &mut Ground<'_>,
    index: usize,
    class: &str,
    attributes: &[String],
) -> Result<Found, CliError> {
    let name = ground.systems.targets[index].name.clone();
    ground.progress.stage(&format!("reading {class}s of {name}"), None);
    let lost = |fault: sluss_engine::fault::Fault| {
        CliError::new(ErrorKind::Unavailable, format!("{name}: {}", fault.message))
            .help("nothing was linked; try again")
    };
    let mut found = Found::default();
    let mut from = None;
    loop {
        let connector = ground.systems.targets[index].connector().await.map_err(lost)?;
        let page = connector.read_target(class, attributes, from.take(), PAGE).await.map_err(lost)?;
        let Page { columns, rows, rest, .. } = page;
        ground.progress.advance(rows.len() as u64);
        for row in rows {
            if ground.store.object_at(&name, &row.id)?.is_some() {
                found.known += 1;
                continue;
            }
            let attributes = columns.iter().cloned().zip(row.cells).filter_map(|(name, cell)| match cell {
                Cell::Absent => None,
                Cell::One(value) => Some((name, vec![value])),
                Cell::Many(values) if values.is_empty() => None,
                Cell::Many(values) => Some((name, values)),
            });
            found.strange.push(Strange { id: row.id, version: row.version, attributes: attributes.collect() });
        }
        match rest {
            Rest::More(next) => from = Some(next),
            Rest::Complete => return Ok(found),
            Rest::Incomplete(fault) => return Err(lost(fault)),
        }
    }
}

impl Strange {
    /// The values of an attribute.
    pub fn values(&self, name: &str) -> &[sluss_engine::value::Value] {
        self.attributes.iter().find(|(own, _)| own == name).map_or(&[], |(_, values)| values)
    }

    /// The part of it that a rule speaks of.
    pub fn part(&self, speaks: impl Fn(&str) -> bool) -> Attributes {
        self.attributes.iter().filter(|(name, _)| speaks(name)).cloned().collect()
    }
}
