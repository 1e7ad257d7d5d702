//! Holds a connector's answers to the contract, where types alone cannot.
//!
//! A connector that answers for too few changes, gives the same cursor for ever, or names a column twice would confuse
//! everything behind it. Its answer is refused here, in words that tell its maker what was wrong.

use sluss_engine::change::Outcome;
use sluss_engine::record::{Marks, Object, Page, Rest, Row, Selection};
use sluss_engine::value::Attributes;
use std::collections::{HashMap, HashSet};

/// The longest id of a record or object.
const LONGEST_ID: usize = 4 * 1024;

/// The longest cursor or token.
const LONGEST_CURSOR: usize = 64 * 1024;

/// The longest text that says whether a source changed.
const LONGEST_VERSION: usize = 4 * 1024;

/// What is wrong with an answer.
pub(crate) type Wrong = String;

/// The cursors that the reads under way have given so far.
#[derive(Default)]
pub(crate) struct Cursors(HashMap<String, HashSet<blake3::Hash>>);

impl Cursors {
    /// Notes the cursor that a page of this read ends with.
    fn note(&mut self, read: &str, first: bool, rest: &Rest) -> Result<(), Wrong> {
        if first {
            self.0.remove(read);
        }
        let Rest::More(next) = rest else { return Ok(()) };
        cursor(next)?;
        if !self.0.entry(read.to_owned()).or_default().insert(blake3::hash(next)) {
            return Err("gave the same cursor twice, so the read would never end".to_owned());
        }
        Ok(())
    }
}

/// A page of a read that was asked for at most `max` records; `first` if it was asked without a cursor.
pub(crate) fn page(cursors: &mut Cursors, read: &str, first: bool, max: u32, page: &Page) -> Result<(), Wrong> {
    distinct("column", page.columns.iter())?;
    most(page.rows.len(), "records", max)?;
    page.rows.iter().try_for_each(|given| row(given, &page.columns))?;
    page.faults.iter().filter_map(|fault| fault.object.as_deref()).try_for_each(id)?;
    cursors.note(read, first, &page.rest)
}

/// The fingerprints of a page of a read.
pub(crate) fn marks(cursors: &mut Cursors, read: &str, first: bool, max: u32, marks: &Marks) -> Result<(), Wrong> {
    most(marks.fingerprints.len(), "fingerprints", max)?;
    cursors.note(read, first, &marks.rest)
}

/// As many records of a page as were asked for.
pub(crate) fn selection(selection: &Selection, asked: usize) -> Result<(), Wrong> {
    distinct("column", selection.columns.iter())?;
    count(selection.records.len(), asked, "places")?;
    selection.records.iter().try_for_each(|record| match record {
        Ok(given) => row(given, &selection.columns),
        Err(fault) => fault.object.as_deref().map_or(Ok(()), id),
    })
}

fn row(row: &Row, columns: &[String]) -> Result<(), Wrong> {
    id(&row.id)?;
    if row.cells.len() > columns.len() {
        return Err(format!("gave a record {} cells for {} columns", row.cells.len(), columns.len()));
    }
    Ok(())
}

fn most(given: usize, what: &str, max: u32) -> Result<(), Wrong> {
    if given > max as usize {
        return Err(format!("gave {given} {what} where at most {max} were asked for"));
    }
    Ok(())
}

/// Ids of records that are gone.
pub(crate) fn gone(gone: &[String]) -> Result<(), Wrong> {
    gone.iter().map(String::as_str).try_for_each(id)
}

/// A cursor or token.
pub(crate) fn cursor(cursor: &[u8]) -> Result<(), Wrong> {
    if cursor.len() > LONGEST_CURSOR {
        return Err(format!("gave a cursor of {} bytes, and 64 KiB is the most", cursor.len()));
    }
    Ok(())
}

/// The text that tells whether a source changed.
pub(crate) fn version(version: &str) -> Result<(), Wrong> {
    if version.len() > LONGEST_VERSION {
        return Err(format!("gave a version of {} bytes, and 4 KiB is the most", version.len()));
    }
    Ok(())
}

/// As many answers as questions.
pub(crate) fn count(given: usize, asked: usize, what: &str) -> Result<(), Wrong> {
    if given != asked {
        return Err(format!("gave {given} answers for {asked} {what}"));
    }
    Ok(())
}

/// An object of a target.
pub(crate) fn object(object: &Object) -> Result<(), Wrong> {
    id(&object.id)?;
    attributes(&object.attributes)
}

/// Attributes by name.
pub(crate) fn attributes(attributes: &Attributes) -> Result<(), Wrong> {
    distinct("attribute", attributes.iter().map(|(name, _)| name))
}

/// One outcome for each change.
pub(crate) fn outcomes(outcomes: &[Outcome], changes: usize) -> Result<(), Wrong> {
    count(outcomes.len(), changes, "changes")?;
    outcomes.iter().try_for_each(|outcome| match outcome {
        Outcome::Applied(applied) | Outcome::Unchanged(applied) => {
            id(&applied.id)?;
            attributes(&applied.computed)
        }
        Outcome::Rejected(_) | Outcome::Unknown(_) => Ok(()),
    })
}

fn distinct<'a>(what: &str, names: impl ExactSizeIterator<Item = &'a String>) -> Result<(), Wrong> {
    let mut seen = HashSet::with_capacity(names.len());
    for name in names {
        if !seen.insert(name.as_str()) {
            return Err(format!("named the {what} `{name}` twice"));
        }
    }
    Ok(())
}

fn id(id: &str) -> Result<(), Wrong> {
    if id.is_empty() {
        return Err("gave an id that is empty".to_owned());
    }
    if id.len() > LONGEST_ID {
        return Err(format!("gave an id of {} bytes, and 4 KiB is the most", id.len()));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use sluss_engine::change::Applied;
    use sluss_engine::fault::{Fault, FaultKind};
    use sluss_engine::record::Row;
    use sluss_engine::value::Cell;

    fn given(ids: &[&str], rest: Rest) -> Page {
        let rows = ids.iter().map(|id| Row { id: (*id).to_owned(), version: None, cells: vec![Cell::Absent] });
        Page { columns: vec!["a".to_owned()], rows: rows.collect(), faults: Vec::new(), rest }
    }

    fn judge(given: &Page) -> Result<(), Wrong> {
        page(&mut Cursors::default(), "read person", true, 2, given)
    }

    #[test]
    fn a_good_page_passes_and_bad_ones_do_not() {
        assert_eq!(judge(&given(&["1", "2"], Rest::Complete)), Ok(()));
        assert!(judge(&given(&["1", "2", "3"], Rest::Complete)).unwrap_err().contains("3 records where at most 2"));
        assert!(judge(&given(&[""], Rest::Complete)).unwrap_err().contains("empty"));
        assert!(judge(&given(&[&"x".repeat(4097)], Rest::Complete)).unwrap_err().contains("4097 bytes"));
        assert!(judge(&given(&[], Rest::More(vec![0; 65_537]))).unwrap_err().contains("65537 bytes"));
        let mut wide = given(&["1"], Rest::Complete);
        wide.rows[0].cells.push(Cell::Absent);
        assert!(judge(&wide).unwrap_err().contains("2 cells for 1 columns"));
        let mut twice = given(&[], Rest::Complete);
        twice.columns.push("a".to_owned());
        assert!(judge(&twice).unwrap_err().contains("the column `a` twice"));
        let mut nobody = given(&[], Rest::Complete);
        nobody.faults.push(Fault { object: Some(String::new()), ..Fault::new(FaultKind::Invalid, "x") });
        assert!(judge(&nobody).unwrap_err().contains("empty"));
    }

    #[test]
    fn a_cursor_that_comes_again_ends_the_read() {
        let mut cursors = Cursors::default();
        let more = |cursor: &[u8]| given(&[], Rest::More(cursor.to_vec()));
        assert_eq!(page(&mut cursors, "a", true, 2, &more(b"1")), Ok(()));
        assert_eq!(page(&mut cursors, "a", false, 2, &more(b"2")), Ok(()));
        assert_eq!(page(&mut cursors, "b", true, 2, &more(b"1")), Ok(()));
        assert!(page(&mut cursors, "a", false, 2, &more(b"1")).unwrap_err().contains("never end"));
        assert_eq!(page(&mut cursors, "a", true, 2, &more(b"1")), Ok(()), "a new read starts anew");
    }

    #[test]
    fn fingerprints_are_as_many_as_asked_for_and_so_are_the_records() {
        let given = |count, rest| Marks { fingerprints: vec![1; count], rest };
        let judge = |cursors: &mut Cursors, first, given: &Marks| marks(cursors, "a", first, 2, given);
        let mut cursors = Cursors::default();
        assert_eq!(judge(&mut cursors, true, &given(2, Rest::More(b"1".to_vec()))), Ok(()));
        assert!(judge(&mut cursors, false, &given(3, Rest::Complete)).unwrap_err().contains("3 fingerprints where at"));
        assert!(judge(&mut cursors, false, &given(0, Rest::More(b"1".to_vec()))).unwrap_err().contains("never end"));
        let row = |id: &str| Ok(Row { id: id.to_owned(), version: None, cells: vec![Cell::Absent] });
        let of = |records| Selection { columns: vec!["a".to_owned()], records };
        let nobody = Fault { object: Some(String::new()), ..Fault::new(FaultKind::Invalid, "x") };
        assert_eq!(selection(&of(vec![row("1")]), 1), Ok(()));
        assert_eq!(selection(&of(vec![row("1")]), 2).unwrap_err(), "gave 1 answers for 2 places");
        assert!(selection(&of(vec![row("")]), 1).unwrap_err().contains("empty"));
        assert!(selection(&of(vec![Err(nobody)]), 1).unwrap_err().contains("empty"));
        let wide = Selection { columns: Vec::new(), records: vec![row("1")] };
        assert!(selection(&wide, 1).unwrap_err().contains("1 cells for 0 columns"));
    }

    #[test]
    fn every_change_is_answered_once() {
        let applied = |id: &str| Outcome::Applied(Applied { id: id.to_owned(), version: None, computed: Vec::new() });
        assert_eq!(outcomes(&[applied("a")], 1), Ok(()));
        assert_eq!(outcomes(&[applied("a")], 2).unwrap_err(), "gave 1 answers for 2 changes");
        assert_eq!(outcomes(&[applied("a"), applied("b")], 1).unwrap_err(), "gave 2 answers for 1 changes");
        assert!(outcomes(&[applied("")], 1).unwrap_err().contains("empty"));
        let twice = vec![("mail".to_owned(), Vec::new()), ("mail".to_owned(), Vec::new())];
        let applied = Applied { id: "a".to_owned(), version: None, computed: twice };
        assert_eq!(outcomes(&[Outcome::Unchanged(applied)], 1).unwrap_err(), "named the attribute `mail` twice");
    }
}
