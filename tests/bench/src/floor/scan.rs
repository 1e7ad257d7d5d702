//! The least that reading a file can cost: parse every record, take its fingerprint, keep nothing.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// How many records the files have. The fingerprints are folded together so that none can be left out.
pub fn scan(files: &[PathBuf]) -> Result<u64> {
    let mut record = csv::ByteRecord::new();
    let (mut count, mut folded) = (0, [0; 32]);
    for file in files {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .quoting(false)
            .buffer_capacity(1 << 16)
            .from_path(file)
            .with_context(|| file.display().to_string())?;
        while reader.read_byte_record(&mut record)? {
            count += 1;
            for (one, other) in folded.iter_mut().zip(blake3::hash(record.as_slice()).as_bytes()) {
                *one ^= other;
            }
        }
    }
    std::hint::black_box(folded);
    Ok(count)
}
