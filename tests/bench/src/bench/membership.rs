//! One membership that changes, of groups of three sizes: it costs one write, and no more in the largest than in the
//! smallest.
//!
//! All three groups are in one directory and one state. The one person who comes and goes has a file of their own, beside
//! a large one that stays as it is and is not read. So everything is the same three times but the size of the group. What
//! the server needs for it does grow with the group, and is the floor: the same write by a plain client.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sluss_test_servers::{Options, Slapd};
use tokio::runtime::Runtime;

use super::{Bench, day, put, text};
use crate::MEMBERS;
use crate::aim::Aim;
use crate::cost::{Cost, Measured, quicker};
use crate::people::{Marks, People};
use crate::report::Row;
use crate::world::{Layout, SOURCE, Target, World, told};

/// The groups of the policy, the smallest first.
const GROUPS: [&str; 3] = ["hundredth", "tenth", "everybody"];

/// The source of the one person who comes and goes.
const ONE: &str = "one";

/// What the telephone number of somebody begins with who is in all groups.
const TELEPHONE: &str = "+46 523 000 000";

/// In the largest group it may take so many tenths of what it takes in the smallest.
const TENTHS: u32 = 15;

/// Such short runs vary, so they are measured more often.
const OFTENER: u32 = 2;

/// The shift of somebody who is in all groups.
const IN_ALL: &str = "dag";

/// Among how many a person with one employment that has begun is looked for.
const TRIED: u32 = 100;

/// What the measurements have in common.
struct Place<'s> {
    runtime: Runtime,
    slapd: &'s Slapd,
    world: World,
    one: People,
    folder: PathBuf,
}

/// A group, and what it came to.
struct Group {
    name: &'static str,
    members: u64,
    /// The writes that take the person out and put them in again.
    writes: [PathBuf; 2],
    run: Option<Measured>,
    /// The least of all runs.
    cpu: Duration,
    floor: Option<Cost>,
    /// Requests of all kinds in the run that made most.
    requests: u64,
}

impl Bench<'_> {
    /// Measures it.
    pub(super) fn membership(&mut self) -> Result<()> {
        let people = self.persons(self.arguments.sizes.members);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let slapd = runtime.block_on(Slapd::start(Options::default()))?;
        let layout =
            Layout { policy: MEMBERS.to_owned(), sources: &[SOURCE, ONE], ..self.layout(Target::Slapd(&slapd)) };
        let world = World::new(&self.arguments.sluss, &day(people), &layout)?;
        let place = Place { runtime, slapd: &slapd, world, one: self.one(people)?, folder: self.place("membership") };
        self.people(people, &place.world.incoming())?;
        self.shift(&place, IN_ALL)?;
        place.world.check()?;
        place.world.run()?;

        let mut groups = GROUPS.iter().map(|name| self.group(&place, name)).collect::<Result<Vec<_>>>()?;
        let (mut quiet, mut least) = (None, Duration::MAX);
        // In turns, so that whatever else the machine does falls on all of them.
        for _ in 0..self.arguments.repeat * OFTENER {
            let run = place.world.run()?;
            ensure!(told(&run)?.decided == 0, "somebody was decided though nothing changed");
            least = least.min(run.cost.cpu);
            quiet = Some(quicker(quiet, run));
            for group in &mut groups {
                self.turn(&place, group)?;
            }
        }
        if let Some(quiet) = quiet {
            self.note(Row::new("no change, two sources", people.persons, quiet.cost, "beside what follows"));
        }
        let mut smallest: Option<(Duration, Duration)> = None;
        for Group { members, run, cpu, floor, requests, .. } in groups {
            let (Some(run), Some(floor)) = (run, floor) else { continue };
            let persons = u32::try_from(members)?;
            self.note(Row::new("floor: the same membership", persons, floor, "1 write"));
            let did = format!("group of {members}: 1 write, {requests} requests in all");
            let row = Row::new("one membership", persons, run.cost, did).beside(floor.wall);
            let own = (run.cost.wall.saturating_sub(floor.wall), cpu.saturating_sub(least));
            let (wall, processor) = *smallest.get_or_insert(own);
            let limit = |smallest: Duration| smallest * TENTHS / 10;
            let row = row.aims(Aim::at_most("wall without the floor", own.0, limit(wall)));
            self.note(row.aims(Aim::at_most("processor without that of no change", own.1, limit(processor))));
        }
        Ok(())
    }

    /// Has the person leave a group and come back once, and finds the two writes that this is.
    fn group(&self, place: &Place<'_>, name: &'static str) -> Result<Group> {
        let [with, without, leave, come] =
            ["with", "without", "leave", "come"].map(|file| place.folder.join(format!("{name}.{file}")));
        self.dump(place.slapd, &with)?;
        let members = self.task(&["members", text(&with)?, name])?;
        self.shift(place, name)?;
        place.world.run()?;
        self.dump(place.slapd, &without)?;
        self.shift(place, IN_ALL)?;
        place.world.run()?;
        self.only(&with, &without, &leave)?;
        self.only(&without, &with, &come)?;
        let left = self.task(&["members", text(&without)?, name])?;
        ensure!(left + 1 == members, "{name} has {left} members where {members} less one were expected");
        let writes = [leave, come];
        Ok(Group { name, members, writes, run: None, cpu: Duration::MAX, floor: None, requests: 0 })
    }

    /// Has the person leave a group and come back; then a plain client does the same.
    fn turn(&self, place: &Place<'_>, group: &mut Group) -> Result<()> {
        for shift in [group.name, IN_ALL] {
            self.shift(place, shift)?;
            let (operations, writes) = place.counts()?;
            let run = place.world.run()?;
            let after = place.counts()?;
            let sent = after.1 - writes;
            ensure!(sent == 1, "{sent} writes reached the directory for one membership of {}", group.name);
            group.requests = group.requests.max(after.0 - operations);
            group.cpu = group.cpu.min(run.cost.cpu);
            group.run = Some(quicker(group.run.take(), run));
        }
        for writes in &group.writes {
            let (cost, _) = self.send(place.slapd, writes, &[])?;
            group.floor = Some(group.floor.filter(|best| best.wall <= cost.wall).unwrap_or(cost));
        }
        Ok(())
    }

    /// Keeps the one write that leads from one directory to another; more are an error.
    fn only(&self, from: &Path, to: &Path, out: &Path) -> Result<()> {
        let count = self.task(&["difference", "--before", text(from)?, text(to)?, text(out)?])?;
        ensure!(count == 1, "{count} entries differ after one membership changed");
        Ok(())
    }

    /// Puts a file in place that says what the shift of the one person is.
    fn shift(&self, place: &Place<'_>, shift: &str) -> Result<()> {
        let files = place.folder.join(format!("shift.{shift}"));
        let marks = Marks { telephone: Some(TELEPHONE.to_owned()), shift: Some(shift.to_owned()) };
        self.marked(place.one, &marks, &files)?;
        put(&files, &place.world.source(ONE))
    }

    /// Somebody with one employment, in which they are today: the first such person behind all the others.
    fn one(&self, others: People) -> Result<People> {
        let most = others.persons + TRIED;
        let population = People { persons: most, ..others }.population();
        let fits = |index: &u32| {
            let posts = population.employments(*index);
            posts.len() == 1 && posts.iter().all(|post| post.covers(population.day()))
        };
        let one = (others.persons..most).find(fits).context("nobody has one employment that has begun")?;
        Ok(People { persons: one + 1, only: Some(one), ..others })
    }
}

impl Place<'_> {
    /// How many requests of any kind, and how many writes, have reached the server.
    fn counts(&self) -> Result<(u64, u64)> {
        self.runtime.block_on(async { Ok((self.slapd.operations().await?, self.slapd.writes().await?)) })
    }
}
