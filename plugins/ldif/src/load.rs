//! Reading the file: where each entry stands, and what stands between them.

use crate::block::{Blocks, Span};
use crate::journal;
use crate::text::{Lines, dn};
use crate::tree::{Node, Stored, Tree};
use sluss_sdk::directory::Dn;
use sluss_sdk::{Error, Place};

pub use crate::journal::play as journal;

/// Reads the file, if it is there.
pub fn file(tree: &mut Tree) -> Result<(), Error> {
    let name = tree.file.clone();
    if tree.folder.stat(&name)?.is_none() {
        return Ok(());
    }
    let mut blocks = Blocks::new(&tree.folder, &name);
    // Comments that stand alone belong to the entry below them.
    let mut comments: Option<(u64, Vec<u8>)> = None;
    let mut first = true;
    while let Some((span, text)) = blocks.next()? {
        let place = Place::file(&name).line(span.line);
        let at = if first { head(tree, text) } else { 0 };
        first = false;
        let (span, text) =
            (Span { offset: span.offset + at as u64, length: span.length - at as u32, ..span }, &text[at..]);
        let mut own = Lines::new(text);
        if own.next().is_none() {
            if !text.is_empty() {
                let (_, kept) = comments.get_or_insert((span.offset, Vec::new()));
                kept.extend_from_slice(text);
                kept.push(b'\n');
            }
            continue;
        }
        let key = record(text).map_err(|error| error.at(place.clone()))?;
        let offset = comments.take().map_or(span.offset, |(offset, _)| offset);
        let length = u32::try_from(span.offset + u64::from(span.length) - offset)
            .map_err(|_| Error::invalid("This entry is too long").at(place.clone()))?;
        let stored = Stored { offset, length, line: span.line };
        if let Some(Node::Filed(before)) = tree.nodes.insert(key, Node::Filed(stored)) {
            let message =
                format!("This entry has the same name as the one on line {}; remove one of them", before.line);
            return Err(Error::invalid(message).at(place));
        }
    }
    if let Some((_, kept)) = comments {
        tree.comments[1] = kept;
    }
    Ok(())
}

/// Takes what belongs to the file and to no entry from the first block: how long it is.
fn head(tree: &mut Tree, text: &[u8]) -> usize {
    let is_head = |line: &&[u8]| line.starts_with(b"#") || line.starts_with(b"version:");
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').take_while(is_head).collect();
    if !lines.iter().any(|line| line.starts_with(b"version:")) {
        return 0;
    }
    tree.generation = journal::generation(text).unwrap_or(0);
    let ours = |line: &&&[u8]| line.starts_with(b"#") && journal::generation(line).is_none();
    tree.comments[0] = lines.iter().filter(ours).copied().flatten().copied().collect();
    lines.iter().map(|line| line.len()).sum()
}

/// The place in the tree of the entry that a record holds, once the record proves to be one.
fn record(text: &[u8]) -> Result<Box<str>, Error> {
    let mut lines = Lines::new(text);
    let dn = Dn::parse(&dn(&mut lines)?)?;
    for line in lines {
        if !line.contains(&b':') {
            return Err(Error::invalid("This entry has a line without a colon"));
        }
        if line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case(b"changetype:")) {
            return Err(Error::invalid("This is a change; the file must hold entries"));
        }
    }
    Ok(dn.tree_key().into())
}
