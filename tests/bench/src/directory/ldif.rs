//! Reading and writing LDIF, plainly: as a check that shares no code with the plugin, and as its floor.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::Entry;

/// The entries of an LDIF file.
pub fn read(file: &Path) -> Result<Vec<Entry>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "");
    unfolded.split("\n\n").map(record).filter_map(Result::transpose).collect()
}

fn record(text: &str) -> Result<Option<Entry>> {
    let (mut dn, mut attributes) = (None, Vec::<(String, Vec<String>)>::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, rest) = line.split_once(':').with_context(|| format!("a line without a colon: {line}"))?;
        let value = match rest.strip_prefix(':') {
            Some(encoded) => String::from_utf8(BASE64.decode(encoded.trim())?)?,
            None => rest.trim_start().to_owned(),
        };
        match (&dn, name) {
            (None, "version") => {}
            (None, _) => dn = Some(value),
            (Some(_), _) => match attributes.iter_mut().find(|(own, _)| own == name) {
                Some((_, values)) => values.push(value),
                None => attributes.push((name.to_owned(), vec![value])),
            },
        }
    }
    Ok(dn.map(|dn| Entry::new(dn, attributes)))
}

/// Writes the entries as LDIF, and has them on the disk before it returns. How many they are.
pub fn write(entries: impl Iterator<Item = Result<Entry>>, file: &Path) -> Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 16, File::create(file)?);
    let mut count = 0;
    for entry in entries {
        let entry = entry?;
        line(&mut out, "dn", &entry.dn)?;
        for (name, values) in &entry.attributes {
            for value in values {
                line(&mut out, name, value)?;
            }
        }
        out.write_all(b"\n")?;
        count += 1;
    }
    out.into_inner()?.sync_all()?;
    Ok(count)
}

fn line(out: &mut impl Write, name: &str, value: &str) -> Result<()> {
    let plain = value.is_ascii() && !value.starts_with([' ', ':', '<']) && !value.ends_with(' ');
    if plain {
        writeln!(out, "{name}: {value}")?
    } else {
        writeln!(out, "{name}:: {}", BASE64.encode(value))?
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Entry, read, write};

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("directory.ldif");
        let entries = [
            Entry::new("uid=a,ou=people".to_owned(), [("sn".to_owned(), vec!["Öberg".to_owned()])]),
            Entry::new("cn=g,ou=groups".to_owned(), [("Member".to_owned(), vec!["b".to_owned(), "a".to_owned()])]),
        ];
        assert_eq!(write(entries.iter().cloned().map(Ok), &file).unwrap(), 2);
        assert_eq!(read(&file).unwrap(), entries);
    }

    #[test]
    fn folded_lines_comments_and_the_version_are_understood() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("directory.ldif");
        std::fs::write(&file, "version: 1\n\n# a comment\ndn: cn=a,\n ou=groups\ncn: a\nmember: x\nmember: y\n")
            .unwrap();
        let [entry] = read(&file).unwrap().try_into().unwrap();
        assert_eq!(entry.dn, "cn=a,ou=groups");
        assert_eq!(entry.values("member"), ["x", "y"]);
    }
}
