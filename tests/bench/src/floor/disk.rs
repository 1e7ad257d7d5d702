//! The least that something durable can cost: one page written, and on the disk before the next. Where this is next to
//! nothing, the folder is in memory, and durable says nothing.

use std::io::{Seek, Write};
use std::path::Path;

use anyhow::Result;

/// So often it is done.
pub const TIMES: u64 = 100;

/// Does it in a file of this folder. How often.
pub fn write(folder: &Path) -> Result<u64> {
    let mut file = tempfile::tempfile_in(folder)?;
    for _ in 0..TIMES {
        file.rewind()?;
        file.write_all(&[1; 4_096])?;
        file.sync_data()?;
    }
    Ok(TIMES)
}
