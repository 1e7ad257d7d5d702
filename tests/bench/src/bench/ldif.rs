//! A first run into the directory that needs no server.

use std::path::PathBuf;

use anyhow::Result;

use super::{Bench, Size, put, text};
use crate::aim::Aim;
use crate::report::Row;
use crate::world::{Target, told};

impl Bench<'_> {
    /// Measures it. The file of the entries that it made.
    pub(super) fn ldif(&mut self, size: &Size) -> Result<PathBuf> {
        let persons = size.people.persons;
        let world = self.world(size.people, Target::Ldif)?;
        put(&size.before, &world.incoming())?;
        world.check()?;
        let run = world.run()?;
        let decided = told(&run)?.decided;

        let entries = self.place(&format!("{persons}/ldif"));
        let made = self.task(&["load", text(&world.ldif())?, text(&entries)?])?;
        let memberships = self.check(size.people, &entries)?;
        let plain = self.place(&format!("{persons}/plain.ldif"));
        let (floor, written) = self.floor(&["ldif", text(&entries)?, text(&plain)?], self.repeat(persons))?;
        self.note(Row::new("floor: write the same LDIF", persons, floor, format!("{written} entries")));

        let kept = world.state()?;
        let state = kept / u64::from(persons);
        let did = format!("{decided} decided, {made} entries, {memberships} memberships, state {state} bytes a person");
        let row = Row::new("first run into ldif", persons, run.cost, did).beside(size.scan + floor.wall);
        self.note(row.aims(Aim::bounded(run.cost, persons)).aims(Aim::kept(kept, persons)));
        Ok(entries)
    }
}
