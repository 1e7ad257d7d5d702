//! Putting it all where people look for it: one sorted file, in the place of the old one in one step.

use crate::tree::Tree;
use sluss_sdk::Error;

/// Writes the file anew with everything that the journal says, and removes the journal. Nothing is written where the
/// journal says nothing.
pub fn finish(tree: &mut Tree) -> Result<(), Error> {
    if tree.journal.is_empty() {
        return if tree.journal.is_there() { tree.folder.remove(tree.journal.name()) } else { Ok(()) };
    }
    let mut file = tree.folder.replacing(&tree.file)?;
    file.push(format!("# Kept by Sluss, generation {}\n", tree.generation.saturating_add(1)).as_bytes())?;
    file.push(&tree.comments[0])?;
    file.push(b"version: 1\n\n")?;
    let mut at = None;
    while let Some(key) = tree.after(at.as_deref()) {
        if let Some(text) = tree.text(&key)? {
            let lines = text.len() - text.iter().rev().take_while(|byte| b"\r\n".contains(byte)).count();
            file.push(&text[..lines])?;
            file.push(b"\n\n")?;
        }
        at = Some(key);
    }
    file.push(&tree.comments[1])?;
    file.commit()?;
    tree.folder.remove(tree.journal.name())
}
