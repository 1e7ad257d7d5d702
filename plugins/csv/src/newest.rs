//! The file that is read: the one of a name, or the newest of those that fit a pattern.

use crate::settings::{NewestBy, Table};
use sluss_sdk::files::Folder;
use sluss_sdk::{Error, Place};

/// The name of the table's file, as it is in the folder now.
pub fn file(table: &Table, folder: &Folder) -> Result<String, Error> {
    let pattern = &table.file;
    if !pattern.contains('*') {
        return Ok(pattern.clone());
    }
    let fitting = folder.entries()?.into_iter().filter(|file| fits(pattern, &file.name));
    let newest = match table.newest_by {
        NewestBy::Time => fitting.max_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name))),
        NewestBy::Name => fitting.max_by(|a, b| a.name.cmp(&b.name)),
    };
    let message = || {
        Error::not_found(format!("There is no file `{pattern}` in the folder; has the export been made?"))
            .at(Place::file(pattern))
    };
    newest.map(|file| file.name).ok_or_else(message)
}

/// Whether a name is as a pattern says, in which `*` stands for any letters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, pattern)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut pieces = pattern.split('*').collect::<Vec<_>>();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_letters() {
        for name in ["a-1-b.csv", "a--b.csv", "a-b-x-b.csv"] {
            assert!(fits("a-*-b.csv", name), "{name}");
        }
        assert!(fits("*", "") && fits("a*", "a") && fits("*.csv", ".csv") && fits("a*b*c", "abc"));
        assert!(fits("p-*-*.csv", "p-1-2-3.csv") && fits("a", "a"));
        for (pattern, name) in [
            ("a*a", "a"),
            ("*.csv", "x.csv.part"),
            ("p-*.csv", "q-p-1.csv"),
            ("a*b*c", "acb"),
            ("a", "ab"),
            ("a*bb*b", "abb"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
