//! How long a start takes, and the smallest scheduled run: what a scheduler pays every few minutes.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Bench, put};
use crate::aim::Aim;
use crate::cost::{best, measure};
use crate::report::Row;
use crate::world::{Target, told};

/// So many persons are in the smallest run.
const FEW: u32 = 10;

/// The smallest run shall be over within this time.
const COLD: Duration = Duration::from_millis(30);

/// What is this quick is measured more often, since it varies more.
const OFTENER: u32 = 4;

impl Bench<'_> {
    pub(super) fn start(&mut self) -> Result<()> {
        let repeat = self.arguments.repeat * OFTENER;
        let (floor, _) = self.floor(&["start"], repeat)?;
        self.note(Row::new("floor: a process starts and ends", 0, floor, ""));
        let version = best(repeat, || measure(&self.arguments.sluss, &["--version"], &[0]))?;
        let row = Row::new("sluss --version", 0, version.cost, version.output.trim());
        self.note(row.beside(floor.wall));

        let people = self.persons(FEW);
        let files = self.place("few");
        self.people(people, &files)?;
        let world = self.world(people, Target::Ldif)?;
        put(&files, &world.incoming())?;
        let checked = world.check()?;
        self.note(Row::new("check, plugins to compile", FEW, checked.cost, "once after an upgrade"));
        let first = world.run()?;
        let decided = told(&first)?.decided;
        let row = Row::new("first run into ldif", FEW, first.cost, format!("{decided} decided"));
        self.note(row.beside(version.cost.wall));
        let entries = self.place("few.entries");
        self.task(&["load", super::text(&world.ldif())?, super::text(&entries)?])?;
        self.check(people, &entries)?;

        let again = best(repeat, || world.run())?;
        let decided = told(&again)?.decided;
        ensure!(decided == 0, "{decided} persons were decided though nothing changed");
        let row = Row::new("scheduled run, no change", FEW, again.cost, "cold start, beside sluss --version");
        let aims = row.beside(version.cost.wall).aims(Aim::within(again.cost, COLD));
        self.note(aims.aims(Aim::bounded(again.cost, FEW)));
        Ok(())
    }
}
