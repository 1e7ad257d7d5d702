//! Reading by fingerprints: a digest of each line first, and then only the lines that are asked for.
//!
//! To take a line apart, to type its fields and to carry them across the border costs many times what its digest costs,
//! and of a large file only a few lines change from one day to the next.

use crate::doubles::Double;
use crate::read::{Layout, Open, Read, changed, cut_off, line, stat};
use crate::spot::Spot;
use crate::table::{Record, Table};
use sluss_sdk::files::Folder;
use sluss_sdk::{Error, Fingerprint, Marks, Place, Rest, Selection};
use twox_hash::{XxHash3_64, XxHash3_128};

/// Lines that are asked for one after the other.
pub struct Picking {
    from: Spot,
    next: u32,
    table: Table,
}

impl Layout {
    /// The fingerprints of the next lines.
    pub fn fingerprints(
        &self,
        folder: &Folder,
        name: &str,
        open: &mut Option<Open>,
        from: Option<&[u8]>,
        max: u32,
    ) -> Result<Marks, Error> {
        let mut marks = Marks { fingerprints: Vec::new(), rest: Rest::Complete };
        let state = self.resume(folder, name, open, from)?;
        let seed = self.seed(state);
        while marks.fingerprints.len() < max.max(1) as usize {
            let Some(record) = state.table.next()? else {
                marks.rest = self.ending(folder, name, state)?;
                return Ok(marks);
            };
            if self.is_cut_off(&record) {
                marks.rest = Rest::Incomplete(cut_off(name, &record));
                return Ok(marks);
            }
            if self.is_gone(&state.columns, &record) {
                continue;
            }
            marks.fingerprints.push(fingerprint(seed, state.doubles.get(&line(&record)), &record));
        }
        marks.rest = Rest::More(state.spot().cursor());
        Ok(marks)
    }

    /// The lines at these places of what `fingerprints` gave for the same cursor.
    pub fn pick(
        &self,
        folder: &Folder,
        name: &str,
        open: &mut Option<Open>,
        from: Option<&[u8]>,
        places: &[u32],
    ) -> Result<Selection, Error> {
        let nothing = || Error::invalid("There is no record at one of these places");
        let state = match open {
            Some(state) => state,
            None => open.insert(self.open(folder, name)?),
        };
        let from = state.start.told(from)?.ok_or_else(|| changed(name))?;
        let mut picking = match state.picking.take() {
            Some(picking) if picking.from == from && places.first().is_some_and(|first| *first >= picking.next) => {
                picking
            }
            _ => Picking { from, next: 0, table: from.table(folder, name, state.separation) },
        };
        let mut records = Vec::with_capacity(places.len());
        for place in places {
            if *place < picking.next {
                return Err(nothing());
            }
            loop {
                let record = picking.table.next()?.ok_or_else(nothing)?;
                if self.is_gone(&state.columns, &record) {
                    continue;
                }
                let here = picking.next;
                picking.next = here.saturating_add(1);
                if here == *place {
                    let place = Place::file(name).line(line(&record));
                    records.push(match self.record(&state.columns, &state.doubles, &record, place) {
                        Read::Row(row) => Ok(row),
                        Read::Fault(fault) => Err(fault),
                    });
                    break;
                }
            }
        }
        state.picking = Some(picking);
        if stat(folder, name)? != state.info {
            return Err(changed(name));
        }
        Ok(Selection { columns: state.names(&self.constants), records })
    }

    /// What a line comes out as depends on the settings and the columns as well.
    fn seed(&self, open: &Open) -> u64 {
        XxHash3_64::oneshot_with_seed(self.fingerprint, format!("{:?}", open.columns).as_bytes())
    }
}

/// A line with a twin is not used, so it has another fingerprint than it would have alone. Only the line's end is left
/// out: blanks before it may be delimiters, and then say how many fields there are.
fn fingerprint(seed: u64, double: Option<&Double>, record: &Record<'_>) -> Fingerprint {
    let seed = if double.is_some() { !seed } else { seed };
    let end = record.raw.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |last| last + 1);
    let digest = XxHash3_128::oneshot_with_seed(seed, &record.raw[..end]);
    ((digest >> 64) as u64, digest as u64)
}
