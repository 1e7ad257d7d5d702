//! One read of one class, as it goes: each record is compared with what is known, and kept where it is new.

use crate::error::CliError;
use crate::report::Reading;
use crate::run::doubt;
use crate::run::ground::{Ground, now};
use crate::run::groups::soil_unit;
use crate::run::values::day_number;
use fixedbitset::FixedBitSet;
use sluss_engine::assemble::{self, Stored};
use sluss_engine::fault::{Fault, FaultKind};
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::key::Key;
use sluss_engine::matching;
use sluss_engine::numbers::Number;
use sluss_engine::person::{PersonId, Protection};
use sluss_engine::policy::MatchKey;
use sluss_engine::record::{Page, Rest, Row};
use sluss_engine::value::Cell;
use sluss_store::{Fingerprint, Kept, Marks, Record, Scan, Seen};
use std::collections::HashSet;
use std::rc::Rc;

/// So many empty pages may come in a row: some sources wait for their data in this way.
const MOST_EMPTY: u32 = 10_000;
/// So many pages in a row may hold nothing but what came before.
const MOST_REPEATED: u32 = 3;

/// Whom a record is about.
enum Whose {
    /// Nobody: it is no record of a person.
    Nobody,
    /// Whoever is known by these keys.
    Keys(Vec<Key>),
    /// Whoever another record is about.
    Person(PersonId),
}

/// One read of one class, as it goes.
pub(super) struct Pass<'p, 'g> {
    pub(super) ground: &'p mut Ground<'g>,
    class: &'p str,
    /// Who reads: fingerprints that another plugin gave, or the same with other settings, are not comparable.
    reader: u128,
    /// What the last read gave.
    scan: Scan,
    /// What this read gives.
    next: Marks,
    /// Rows that this read gave, or that it could not judge.
    touched: FixedBitSet,
    /// What this read could not use, by what it is parked under.
    parked: HashSet<String>,
    /// The columns of the last page, their digest, and their number in the store.
    shape: Option<Rc<(Vec<String>, blake3::Hasher, i64)>>,
    /// How much this read brought in all, how much of it before the last page, and how many pages in a row were empty, or
    /// repeated others.
    heard: usize,
    before: usize,
    empty: u32,
    repeated: u32,
    /// Whether a record is known now by another fingerprint, though it is as it was.
    renewed: bool,
    /// Whether everything was read, so that what is missing is gone.
    pub(super) whole: bool,
    /// Whether only what changed was read, so that nothing is gone but what was said to be.
    pub(super) partial: bool,
    /// Whether only a full read can tell how it is.
    pub(super) unclear: bool,
}

impl<'p, 'g> Pass<'p, 'g> {
    pub(super) fn new(
        ground: &'p mut Ground<'g>,
        source: &str,
        class: &'p str,
        reader: &str,
    ) -> Result<Self, CliError> {
        let scan = ground.store.scan(source, class)?;
        let next = Marks::with_capacity(scan.len());
        Ok(Pass {
            ground,
            class,
            reader: half(blake3::Hasher::new().update(reader.as_bytes())),
            scan,
            next,
            touched: FixedBitSet::new(),
            parked: HashSet::new(),
            shape: None,
            heard: 0,
            before: 0,
            empty: 0,
            repeated: 0,
            renewed: false,
            whole: true,
            partial: false,
            unclear: false,
        })
    }

    /// Takes a page of records.
    pub(super) fn page(&mut self, page: Page, reading: &mut Reading) -> Result<Rest, CliError> {
        self.columns(page.columns)?;
        for row in page.rows {
            let fingerprint = self.fingerprint(&row)?;
            match self.known(fingerprint) {
                Seen::Unchanged(_) => {}
                Seen::Twice => self.twice(&row, reading),
                Seen::New => self.row(row, fingerprint, reading)?,
            }
        }
        for fault in page.faults {
            self.fault(&reading.source, fault)?;
        }
        Ok(page.rest)
    }

    /// The fingerprint that a source gave, as it is kept.
    pub(super) fn given(&self, fingerprint: u128) -> Fingerprint {
        fingerprint ^ self.reader
    }

    /// Looks a record up, and notes that it is there.
    pub(super) fn known(&mut self, fingerprint: Fingerprint) -> Seen {
        let seen = self.scan.see(fingerprint);
        if let Seen::Unchanged(known) = seen
            && self.touch(known)
        {
            self.next.push(fingerprint, known);
        }
        seen
    }

    /// Notes that a row was given; whether it was not before.
    fn touch(&mut self, row: u32) -> bool {
        let row = row as usize;
        self.touched.grow(row + 1);
        let is_new = !self.touched.put(row);
        self.hear(usize::from(is_new));
        is_new
    }

    /// Notes that so much came that did not come before.
    pub(super) fn hear(&mut self, more: usize) {
        self.heard += more;
    }

    /// The columns of the rows that follow.
    pub(super) fn columns(&mut self, columns: Vec<String>) -> Result<(), CliError> {
        if self.shape.as_ref().is_none_or(|shape| shape.0 != columns) {
            let mut hasher = blake3::Hasher::new();
            hasher.update(columns.join("\n").as_bytes());
            let shape = self.ground.store.shape(&columns)?;
            self.shape = Some(Rc::new((columns, hasher, shape)));
        }
        Ok(())
    }

    /// The fingerprint of a record whose source gives none.
    fn fingerprint(&self, row: &Row) -> Result<Fingerprint, CliError> {
        let packed = postcard::to_stdvec(&(&row.id, &row.cells)).map_err(CliError::internal)?;
        let mut hasher = self.shape.as_ref().map(|shape| shape.1.clone()).unwrap_or_default();
        Ok(half(hasher.update(&packed)))
    }

    /// The same record once more.
    pub(super) fn twice(&mut self, row: &Row, reading: &Reading) {
        self.ground.findings.push(
            Finding::warning(record(&reading.source, &row.id), "the same record stands twice")
                .advise("the second one is left aside; remove it in the source"),
        );
    }

    /// Takes a record whose fingerprint is not known.
    pub(super) fn row(&mut self, row: Row, fingerprint: Fingerprint, reading: &mut Reading) -> Result<(), CliError> {
        let Some(shape) = self.shape.clone() else { return Ok(()) };
        let (columns, _, shape) = &*shape;
        let old = self.ground.store.record(&reading.source, self.class, &row.id)?;
        if old.as_ref().is_some_and(|old| self.touched.contains(old.row as usize)) {
            if self.partial {
                // Of a record that is given twice among changes nobody knows which word is the later.
                self.unclear = true;
                return Ok(());
            }
            self.ground.findings.push(
                Finding::warning(record(&reading.source, &row.id), "two records have the same id")
                    .advise("the first one stands; correct the source"),
            );
            return Ok(());
        }
        if let Some(old) = &old
            && old.gone.is_none()
            && old.shape == *shape
            && old.cells == row.cells
        {
            // It only looks otherwise to whoever took the fingerprint.
            self.ground.store.renew(old.row, fingerprint)?;
            self.renewed = true;
            self.touch(old.row);
            self.next.push(fingerprint, old.row);
            return Ok(());
        }
        let stored = Stored { source: &reading.source, record: &row.id, columns, cells: &row.cells, gone: None };
        let usable = match self.class {
            "engagement" | "person" => self.usable(&stored)?,
            _ => Some(Whose::Nobody),
        };
        let Some(whose) = usable else {
            return self.protect(&reading.source, &row.id);
        };
        let protects = matches!(self.class, "engagement" | "person")
            && assemble::identity(&stored, self.ground.day).protection == Some(Protection::Protected);
        let person = match whose {
            Whose::Nobody => None,
            Whose::Person(person) => {
                self.ground.store.wake(person)?;
                self.about(old.as_ref().and_then(|old| old.person), person, &stored)?;
                Some(person)
            }
            Whose::Keys(keys) => {
                let same_name = match &old {
                    Some(old) => self.same_name(old, &stored)?,
                    None => false,
                };
                let before = old.and_then(|old| old.person).map(|before| (before, same_name));
                Some(self.belongs(before, &keys, &stored)?)
            }
        };
        if let Some(person) = person.filter(|_| protects) {
            self.ground.store.protect(person)?;
        }
        let kept = self.ground.store.keep(&Kept {
            source: &reading.source,
            class: self.class,
            record: &row.id,
            shape: *shape,
            fingerprint,
            cells: &row.cells,
            person,
        })?;
        self.touch(kept);
        reading.changed += 1;
        self.next.push(fingerprint, kept);
        if self.class == "unit" {
            self.unit_changed(columns, &row.cells)?;
        }
        Ok(())
    }

    /// Whether a record can be used, and whose it is. One that cannot be is parked, and what was known of it stands.
    fn usable(&mut self, stored: &Stored<'_>) -> Result<Option<Whose>, CliError> {
        let mut findings = Vec::new();
        let whose = self.whose(stored, &mut findings)?;
        if whose.is_some() {
            self.unpark(&parking(stored.source, stored.record))?;
        } else if let Some(finding) = findings.last() {
            self.park(stored.source, stored.record, finding)?;
        }
        self.ground.findings.append(&mut findings);
        Ok(whose)
    }

    fn whose(&self, stored: &Stored<'_>, findings: &mut Vec<Finding>) -> Result<Option<Whose>, CliError> {
        let (certain, day) = (&self.ground.policy.matching.certain, self.ground.day);
        match self.class {
            "engagement" if assemble::engagement(stored, certain, day, findings).is_none() => return Ok(None),
            "engagement" => {}
            _ => assemble::judge(stored, day, findings),
        }
        let person = match assemble::whose(stored, certain, day, findings) {
            None => return Ok(None),
            Some(assemble::Whose::Keys(keys)) => return Ok(Some(Whose::Keys(keys))),
            Some(assemble::Whose::Linked(person)) => person,
        };
        let found = self.ground.store.record(stored.source, "person", &person)?.and_then(|record| record.person);
        if found.is_none() {
            findings.push(
                Finding::warning(
                    record(stored.source, stored.record),
                    "it names a person whom its source does not give",
                )
                .advise("see in the source why the person is not given; it is tried again in every run"),
            );
        }
        Ok(found.map(Whose::Person))
    }

    /// Parks a record that cannot be used: it is looked at again when the source gives it otherwise.
    fn park(&mut self, source: &str, record: &str, finding: &Finding) -> Result<(), CliError> {
        let text = serde_json::to_string(finding).map_err(CliError::internal)?;
        let id = parking(source, record);
        self.ground.store.park(self.class, &id, &now(), |_| 0, &text)?;
        self.ground.parked.insert((self.class.to_owned(), id.clone()));
        let is_new = self.parked.insert(id);
        self.hear(usize::from(is_new));
        Ok(())
    }

    /// A record that can be used, or that is gone, is parked no longer.
    fn unpark(&mut self, id: &str) -> Result<(), CliError> {
        if !self.ground.parked.is_empty() && self.ground.parked.remove(&(self.class.to_owned(), id.to_owned())) {
            self.ground.store.unpark(self.class, id)?;
        }
        Ok(())
    }

    /// Whether a record that is there already still gives the same given name or surname: then it is about the same
    /// person, whatever number it gives.
    fn same_name(&self, old: &Record, stored: &Stored<'_>) -> Result<bool, CliError> {
        let shapes = self.ground.store.shapes()?;
        let columns = shapes.get(&old.shape).map_or(&[][..], Vec::as_slice);
        let old = Stored { columns, cells: &old.cells, ..*stored };
        let name = |stored: &Stored<'_>| assemble::identity(stored, self.ground.day).name;
        let (old, new) = (name(&old), name(stored));
        let agree = |old: &str, new: &str| !new.is_empty() && old == new;
        Ok(agree(&old.given, &new.given) || agree(&old.surname, &new.surname))
    }

    /// Finds the person that a record is about, or admits one, and has them decided again.
    fn belongs(
        &mut self,
        before: Option<(PersonId, bool)>,
        keys: &[Key],
        stored: &Stored<'_>,
    ) -> Result<PersonId, CliError> {
        let subject = || record(stored.source, stored.record);
        let mut known = Vec::with_capacity(keys.len());
        for key in keys {
            known.push(self.ground.store.person_by(key)?);
        }
        let is_numbered = keys.iter().zip(&known).any(|(key, known)| is_number(key) && known.is_some());
        if let Some(number) = stored.number("identity-number", self.ground.day).filter(|_| !is_numbered)
            && let Some(owner) = known.iter().flatten().next().copied()
            // The same record under another number is a correction.
            && before != Some((owner, true))
            && !matching::may_be_same(&[number], &doubt::numbers_of(self.ground, owner)?)
        {
            // A number for good tells them apart, whoever was given the organisation's key again.
            self.ground.findings.push(
                Finding::warning(subject(), "its own key is that of somebody with another identity number")
                    .advise("see in the source which is wrong; the number counts, and the key stays where it was"),
            );
            let numbers: Vec<Key> = keys.iter().filter(|key| is_number(key)).cloned().collect();
            if !numbers.is_empty() {
                return self.belongs(before, &numbers, stored);
            }
        }
        // A number that is given for good says more than an organisation's key, whatever the order of the policy.
        let number = stored.number("identity-number", self.ground.day).filter(Number::is_lasting);
        let by_number = keys.iter().zip(&known).find(|(key, _)| number.is_some() && is_number(key));
        let mut found = known.iter().flatten().copied();
        let first = by_number.and_then(|(_, known)| *known).or_else(|| found.clone().next());
        if found.any(|other| Some(other) != first) {
            self.ground.findings.push(
                Finding::warning(subject(), "its keys are those of two persons; it is taken to be about one of them")
                    .advise("see in the source which key is wrong"),
            );
        }
        let store = &mut self.ground.store;
        let (person, unknown) = match (first, before) {
            (Some(person), _) => {
                store.wake(person)?;
                (person, true)
            }
            (None, Some((person, true))) => {
                // The same record under another key: the key was corrected or changed, not the person.
                store.wake(person)?;
                let message = match keys {
                    [key] if key.kind == MatchKey::IdentityNumber => {
                        "the engagement has another identity number now; it is taken to be the same person"
                    }
                    _ => "the record has other keys now; it is taken to be about the same person",
                };
                self.ground.findings.push(Finding::note(subject(), message));
                (person, true)
            }
            // Whoever is new is awake.
            (None, _) => (store.admit(keys)?, false),
        };
        let store = &mut self.ground.store;
        for (key, _) in keys.iter().zip(known).filter(|(_, known)| unknown && known.is_none()) {
            store.rekey(person, key)?;
        }
        self.about(before.map(|(before, _)| before), person, stored)?;
        Ok(person)
    }

    /// Notes whom a record was about before, if that was somebody else. What refers to the record follows it.
    fn about(&mut self, before: Option<PersonId>, now: PersonId, stored: &Stored<'_>) -> Result<(), CliError> {
        let Some(before) = before.filter(|before| *before != now) else { return Ok(()) };
        let store = &mut self.ground.store;
        store.wake(before)?;
        if self.class == "person" {
            let shapes = store.shapes()?;
            for linked in store.records_of(before)?.into_iter().filter(|linked| linked.source == stored.source) {
                let columns = shapes.get(&linked.shape).map_or(&[][..], Vec::as_slice);
                let of = Stored { columns, cells: &linked.cells, record: &linked.record, ..*stored };
                if linked.class == "engagement" && of.linked().as_deref() == Some(stored.record) {
                    store.assign(linked.row, now)?;
                }
            }
        }
        self.ground.findings.push(
            Finding::warning(record(stored.source, stored.record), "the record is about another person than before")
                .advise("see in the source whether that is right: rights and names follow the person"),
        );
        Ok(())
    }

    /// The groups of a unit that changed are looked at again, and so is everybody, since accounts may speak of it.
    fn unit_changed(&mut self, columns: &[String], cells: &[Cell]) -> Result<(), CliError> {
        self.ground.store.wake_all()?;
        let stored = Stored { source: "", record: "", columns, cells, gone: None };
        let unit = assemble::unit(&stored);
        soil_unit(&mut self.ground.store, self.ground.policy, &unit)
    }

    /// A record that could not be judged is neither changed nor gone.
    fn protect(&mut self, source: &str, id: &str) -> Result<(), CliError> {
        if let Some((fingerprint, row)) = self.ground.store.row_of(source, self.class, id)?
            && self.touch(row)
        {
            self.next.push(fingerprint, row);
        }
        Ok(())
    }

    pub(super) fn fault(&mut self, source: &str, fault: Fault) -> Result<(), CliError> {
        let finding = match &fault.object {
            Some(id) => {
                self.protect(source, id)?;
                let finding = Finding::warning(record(source, id), fault.message).at(fault.place);
                self.park(source, id, &finding)?;
                finding
            }
            None => {
                self.whole = false;
                Finding::warning(Subject::System(source.to_owned()), fault.message).at(fault.place)
            }
        };
        self.ground.findings.push(finding);
        Ok(())
    }

    /// What is wrong with a read that does not come to its end, after a page that gave so much.
    fn stalls(&mut self, given: usize) -> Option<String> {
        if self.heard > self.before {
            (self.before, self.empty, self.repeated) = (self.heard, 0, 0);
        } else if given == 0 {
            self.empty += 1;
        } else {
            self.repeated += 1;
        }
        if self.repeated > MOST_REPEATED {
            return Some("its pages repeat, and do not come to an end".to_owned());
        }
        (self.empty > MOST_EMPTY).then(|| format!("it gave {MOST_EMPTY} empty pages, and no end"))
    }

    /// How the read goes on after a page that gave so much: behind this cursor, or not at all.
    pub(super) fn rest(&mut self, rest: Rest, given: usize, reading: &mut Reading) -> Option<Vec<u8>> {
        match rest {
            Rest::More(next) => match self.stalls(given) {
                None => return Some(next),
                Some(message) => {
                    self.unclear = true;
                    self.incomplete(&reading.source, &Fault::new(FaultKind::Internal, message));
                }
            },
            Rest::Complete => {}
            Rest::Incomplete(fault) => {
                reading.empty = !self.partial && self.next.is_empty();
                self.incomplete(&reading.source, &fault);
            }
        }
        None
    }

    fn incomplete(&mut self, source: &str, fault: &Fault) {
        self.whole = false;
        self.ground.findings.push(
            Finding::failure(Subject::System(source.to_owned()), fault.message.clone())
                .advise("nothing is taken to be gone until a read is whole")
                .at(fault.place.clone()),
        );
    }

    /// A record is gone: whoever it was about is decided again, and a unit is as if it had changed.
    fn lose(&mut self, row: u32, today: i32) -> Result<(), CliError> {
        let Some(lost) = self.ground.store.lose(row, today)? else { return Ok(()) };
        if let Some(person) = lost.person {
            self.ground.store.wake(person)?;
        }
        if self.class == "unit" {
            let shapes = self.ground.store.shapes()?;
            let columns = shapes.get(&lost.shape).map_or(&[][..], Vec::as_slice);
            self.unit_changed(columns, &lost.cells)?;
        }
        Ok(())
    }

    /// A record is gone, its source says. False if it was given in the same read, so that nobody knows which is later.
    pub(super) fn leave(&mut self, id: &str, reading: &mut Reading) -> Result<bool, CliError> {
        let Some((_, row)) = self.ground.store.row_of(&reading.source, self.class, id)? else { return Ok(true) };
        if !self.touch(row) {
            return Ok(false);
        }
        reading.gone += 1;
        self.lose(row, day_number(self.ground.day))?;
        self.unpark(&parking(&reading.source, id))?;
        Ok(true)
    }

    /// What was parked and did not come up in a whole read is parked no longer: it is usable now, or not there.
    fn tidy(&mut self, source: &str) -> Result<(), CliError> {
        let prefix = parking(source, "");
        let over: Vec<String> = self
            .ground
            .parked
            .iter()
            .filter(|(scope, id)| scope == self.class && id.starts_with(&prefix) && !self.parked.contains(id))
            .map(|(_, id)| id.clone())
            .collect();
        over.iter().try_for_each(|id| self.unpark(id))
    }

    /// What is missing from a whole read is gone; what this read gave is what the next one is compared with.
    pub(super) fn close(
        mut self,
        reading: &mut Reading,
        version: Option<&str>,
        reader: &str,
        token: Option<Vec<u8>>,
    ) -> Result<(), CliError> {
        let today = day_number(self.ground.day);
        let before = self.scan.len();
        let missing: Vec<(Fingerprint, u32)> =
            self.scan.unseen().filter(|(_, row)| !self.touched.contains(*row as usize)).collect();
        reading.complete = self.whole;
        reading.previous = before as u64;
        if self.whole && !self.partial {
            for (_, row) in missing {
                reading.gone += 1;
                self.lose(row, today)?;
            }
            self.tidy(&reading.source)?;
        } else {
            self.next.extend(missing);
        }
        reading.records = self.next.len() as u64;
        let version = version.filter(|_| self.whole);
        let same = reading.changed == 0 && reading.gone == 0 && before == self.next.len() && !self.renewed;
        if !same || self.scan.version.as_deref() != version || self.scan.reader != reader {
            self.ground.store.save_scan(&reading.source, self.class, version, reader, today, &self.next)?;
        }
        if self.whole {
            self.ground.store.set_token(&reading.source, self.class, token.as_deref())?;
        }
        Ok(())
    }
}

fn is_number(key: &Key) -> bool {
    key.kind == MatchKey::IdentityNumber
}

/// Whether a record of a class is parked.
pub(super) fn is_parked(ground: &Ground<'_>, source: &str, class: &str) -> bool {
    let prefix = parking(source, "");
    ground.parked.iter().any(|(scope, id)| scope == class && id.starts_with(&prefix))
}

/// What a record is parked under.
fn parking(source: &str, record: &str) -> String {
    format!("{source}: {record}")
}

fn record(source: &str, record: &str) -> Subject {
    Subject::Record { source: source.to_owned(), record: record.to_owned() }
}

/// Half of a digest is more than enough to tell records apart.
fn half(hasher: &blake3::Hasher) -> Fingerprint {
    let mut half = [0; 16];
    hasher.finalize_xof().fill(&mut half);
    Fingerprint::from_le_bytes(half)
}
