//! A first run into the stand-in of Microsoft Graph with the limits of the real one: 3,000 writes in 150 seconds, and
//! resource units every ten. No program is quicker than what Graph lets through; what counts is how near to that it comes,
//! and how seldom it has to be told.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use sluss_test_servers::Graph;
use sluss_test_servers::graph::Seen;

use super::{Bench, put};
use crate::GRAPH;
use crate::aim::Aim;
use crate::directory::truth;
use crate::report::Row;
use crate::world::{Layout, Target, World, told};

/// What Graph takes at once, and after that each second.
const BURST: f64 = 3_000.0;
const SECOND: f64 = 20.0;

/// At least so much of what is allowed is used, and at most so much of what is asked is refused, of a hundred.
const USED: f64 = 95.0;
const REFUSED: f64 = 1.0;

impl Bench<'_> {
    /// Measures it for so many persons.
    pub(super) fn graph(&mut self, persons: u32) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let people = self.persons(persons);
        let folder = self.place("graph");
        self.people(people, &folder)?;
        let graph = runtime.block_on(Graph::start(self.folder.path()))?;
        graph.tenant(|tenant| tenant.skus.iter_mut().for_each(|sku| sku.seats = i64::from(persons)));
        let layout = Layout { policy: GRAPH.to_owned(), ..self.layout(Target::Graph(&graph)) };
        let world = World::new(&self.arguments.sluss, &super::day(people), &layout)?;
        put(&folder, &world.incoming())?;
        world.check()?;
        graph.limit(None);
        graph.seen();

        let run = world.run()?;
        let seen = graph.seen();
        let wanted = truth::of_kinds(&people.population(), &["municipality"]);
        let found = found(&graph)?;
        ensure!(wanted == found, "the people ask for {wanted:?} accounts and memberships, and there are {found:?}");
        world.run()?;
        ensure!(graph.seen().requests == 0, "nothing changed, and Graph was asked all the same");

        let Seen { effects, throttled, heard, .. } = &seen;
        let parts = heard.iter().filter(|heard| heard.what != "POST /$batch").count();
        let allowed = BURST + SECOND * run.cost.wall.as_secs_f64();
        let did = format!(
            "{} decided, {effects} writes, {throttled} of {parts} requests refused for their number",
            told(&run)?.decided
        );
        let used = Aim::share("writes of those allowed", USED, *effects as f64 / allowed);
        let refused = Aim::fraction("refused", REFUSED, *throttled as f64 / parts as f64);
        self.note(Row::new("first run into Graph", persons, run.cost, did).aims(used).aims(refused));
        Ok(())
    }
}

/// How many accounts and memberships there are. Nobody is there twice, and whoever may sign in has the one licence.
fn found(graph: &Graph) -> Result<(u64, u64)> {
    graph.tenant(|tenant| {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        for user in tenant.users() {
            *numbers.entry(user.text("employeeId")).or_default() += 1;
            let licences = usize::from(user.get("accountEnabled") == true);
            ensure!(user.licences.len() == licences, "an account has {} licences", user.licences.len());
        }
        ensure!(numbers.values().all(|count| *count == 1), "somebody is there twice");
        let groups: Vec<&str> = tenant.groups().map(|group| group.id.as_str()).collect();
        let members: usize = groups.iter().map(|group| tenant.members(group).len()).sum();
        Ok((numbers.len() as u64, members as u64))
    })
}
