//! What it costs that a source is a plugin: every record of a file through the sandbox, beside the same code in a native
//! program.
//!
//! Another reader of the same file (a setting that changes nothing) makes the run look at every record, and find it as it
//! was: reading, crossing the border and comparing are all that it does.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Bench, Size, put, text};
use crate::aim::Aim;
use crate::cost::Measured;
use crate::report::Row;
use crate::world::{Target, told};

/// What a record may cost on its way through the plugin, across the border and into the host, of the processor.
const RECORD: Duration = Duration::from_micros(25);

impl Bench<'_> {
    /// Measures it.
    pub(super) fn border(&mut self, size: &Size) -> Result<()> {
        let persons = size.people.persons;
        let files = text(&size.before)?;
        let (native, rows) = self.floor(&["native", files], self.repeat(persons))?;
        self.note(Row::new("floor: the plugin's code, natively", persons, native, format!("{rows} records")));

        let world = self.world(size.people, Target::Ldif)?;
        put(&size.before, &world.incoming())?;
        world.check()?;
        world.run()?;
        let mut cheapest: Option<Measured> = None;
        for days in 0..self.repeat(persons) {
            world.set(&format!("stale-days = {}", days + 100))?;
            // What the plugin is like with these settings is found out here, and not in the run.
            world.check()?;
            let run = world.run()?;
            let decided = told(&run)?.decided;
            ensure!(decided == 0, "{decided} persons were decided though nothing changed");
            cheapest = Some(cheapest.filter(|before| before.cost.cpu <= run.cost.cpu).unwrap_or(run));
        }
        let Some(Measured { cost, .. }) = cheapest else { return Ok(()) };
        let a_record = cost.cpu / u32::try_from(rows)?;
        let did = format!("{rows} records, {:.1} µs each", a_record.as_secs_f64() * 1_000_000.0);
        let row = Row::new("every record across the border", persons, cost, did);
        self.note(row.beside(native.wall).aims(Aim::at_most(
            "processor for 1,000 records",
            a_record * 1_000,
            RECORD * 1_000,
        )));
        Ok(())
    }
}
