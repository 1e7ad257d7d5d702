//! The plugin that reads files of employments, as a part of a native program: nothing is between it and whoever calls it.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use sluss_people::EMPLOYMENTS_FILE;
use sluss_plugin_heroma::Heroma;
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;
use sluss_sdk::{Rest, Source};

/// Records a page, as the host asks for them.
const PAGE: u32 = 1_000;

/// Reads every record. How many there are.
pub fn read(folder: &Path) -> Result<u64> {
    let file = folder.join(EMPLOYMENTS_FILE);
    let memory = Memory::default();
    memory.put(EMPLOYMENTS_FILE, std::fs::read(&file).with_context(|| file.display().to_string())?);
    let settings = serde_json::from_str(r#"{"folder":"incoming"}"#)?;
    let failed = |error: sluss_sdk::Error| anyhow!("{}", error.message);
    let mut heroma = Heroma::from_folder(Folder::in_memory(&memory), settings).map_err(failed)?;
    let (mut count, mut cursor) = (0, None);
    loop {
        let page = heroma.read("engagement", cursor.take(), PAGE).map_err(failed)?;
        count += page.rows.len() as u64;
        match page.rest {
            Rest::More(next) => cursor = Some(next),
            Rest::Complete => return Ok(count),
            Rest::Incomplete(error) => return Err(failed(error)),
        }
    }
}
