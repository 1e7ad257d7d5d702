//! A first run into a domain of Active Directory: Samba as its controller, beside the fewest requests that fill it.
//!
//! The server is what takes the time, so that what counts is how often it is asked: the floor makes each account in one
//! request, with its password and its flags, and puts members into groups 500 at a time.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sluss_test_servers::Samba;
use sluss_test_servers::samba::{self, Attributes, Tree};
use tokio::runtime::Runtime;

use super::slapd::rate;
use super::{Bench, put, text};
use crate::DOMAIN;
use crate::aim::Aim;
use crate::cost::{Cost, Measured, quicker};
use crate::directory::difference::{self, Edit, Operation, Write};
use crate::directory::truth;
use crate::people::People;
use crate::report::Row;
use crate::world::{Layout, TOWN, Target, World, told};

/// The run may take so many hundredths of the time of the fewest requests, and so many requests a person.
const HUNDREDTHS: u32 = 115;
const REQUESTS: f64 = 1.2;

/// So many members come in one request.
const PORTION: usize = 500;

/// What the floor writes of an account and of a group.
const ACCOUNT: [&str; 9] = [
    "samaccountname",
    "userprincipalname",
    "displayname",
    "givenname",
    "sn",
    "title",
    "department",
    "company",
    "employeenumber",
];
const GROUP: [&str; 3] = ["samaccountname", "description", "grouptype"];

impl Bench<'_> {
    /// Measures it for so many persons.
    pub(super) fn domain(&mut self, persons: u32) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let people = self.persons(persons);
        let folder = self.place(&format!("domain-{persons}"));
        self.people(people, &folder)?;
        let mut best: Option<(Measured, u64)> = None;
        let mut floor: Option<(Cost, u64)> = None;
        for _ in 0..self.repeat(persons).min(3) {
            let (run, requests, tree) = self.fill(&runtime, people, &folder)?;
            let sent = self.fewest(&runtime, &folder, &tree)?;
            floor = Some(floor.filter(|best| best.0.wall <= sent.0.wall).unwrap_or(sent));
            best = Some(match best {
                Some((best, _)) => (quicker(Some(best), run), requests),
                None => (run, requests),
            });
        }
        let (Some((run, requests)), Some((floor, count))) = (best, floor) else { return Ok(()) };
        self.note(Row::new("floor: the fewest requests to a domain", persons, floor, rate(count, floor)));
        let each = requests as f64 / f64::from(persons);
        let did = format!("{} decided, {requests} requests", told(&run)?.decided);
        let row = Row::new("first run into a domain", persons, run.cost, did).beside(floor.wall);
        let within = Aim::within(run.cost, floor.wall * HUNDREDTHS / 100);
        self.note(row.aims(within).aims(Aim::times("requests a person", REQUESTS, each)));
        Ok(())
    }

    /// One first run into a domain of its own: how many requests it sent, and what the domain holds.
    fn fill(&self, runtime: &Runtime, people: People, folder: &Path) -> Result<(Measured, u64, Tree)> {
        let mut server = start(runtime)?;
        let layout = Layout { policy: DOMAIN.to_owned(), ..self.layout(Target::Domain(&server)) };
        let world = World::new(&self.arguments.sluss, &super::day(people), &layout)?;
        put(folder, &world.incoming())?;
        world.check()?;
        let run = world.run()?;
        let requests = told(&run)?.requests.get("directory").copied().context("the run tells its requests")?;
        let tree = runtime.block_on(server.dump_below(TOWN))?;
        let count = |class: &str| tree.values().filter(|entry| has(entry, class)).count() as u64;
        let members: usize = tree.values().filter_map(|entry| entry.get("member")).map(|members| members.len()).sum();
        let wanted = truth::of_kinds(&people.population(), &["unit", "municipality"]);
        let found = (count("user"), members as u64);
        ensure!(wanted == found, "the people ask for {wanted:?} accounts and memberships, and there are {found:?}");
        runtime.block_on(server.stop())?;
        Ok((run, requests, tree))
    }

    /// The same domain by the fewest requests.
    fn fewest(&self, runtime: &Runtime, folder: &Path, tree: &Tree) -> Result<(Cost, u64)> {
        let mut server = start(runtime)?;
        let file = folder.join("writes");
        difference::keep(writes(tree), &file)?;
        let (url, authority) = (server.tls_url(), text(server.authority())?.to_owned());
        let login = ["--name", samba::ADMIN, "--password", samba::PASSWORD];
        let place = ["write", "--url", &url, "--authority", &authority];
        let sent = self.floor(&[&place[..], &login, &[text(&file)?]].concat(), 1)?;
        std::fs::remove_file(&file)?;
        let there = runtime.block_on(server.dump_below(TOWN))?;
        ensure!(there.keys().eq(tree.keys()), "the floor made other entries than the run");
        runtime.block_on(server.stop())?;
        Ok(sent)
    }
}

fn start(runtime: &Runtime) -> Result<Samba> {
    let server = runtime.block_on(Samba::start(samba::Options::default()))?;
    runtime.block_on(server.add_by_hand(TOWN, &[("objectClass", &["organizationalUnit"])]))?;
    Ok(server)
}

fn has(entry: &Attributes, class: &str) -> bool {
    entry.get("objectclass").is_some_and(|classes| classes.contains(class))
}

/// The writes that make a domain: organisational units from the outermost inwards, accounts, groups, and more members.
fn writes(tree: &Tree) -> Vec<Write> {
    let mut writes = Vec::new();
    let depth = |dn: &str| dn.split(',').count();
    let deepest = tree.keys().map(|dn| depth(dn)).max().unwrap_or_default();
    for (dn, entry) in tree.iter().filter(|(dn, _)| *dn != TOWN) {
        let kept = |names: &[&str]| -> Vec<(String, Vec<String>)> {
            let all = names.iter().filter_map(|name| Some(((*name).to_owned(), entry.get(*name)?)));
            all.map(|(name, values)| (name, values.iter().cloned().collect())).collect()
        };
        let class = |class: &str| ("objectClass".to_owned(), vec![class.to_owned()]);
        let mut add =
            |wave, attributes| writes.push(Write { wave, dn: dn.clone(), operation: Operation::Add(attributes) });
        if has(entry, "organizationalUnit") {
            add(depth(dn), vec![class("organizationalUnit")]);
        } else if has(entry, "user") {
            let mut attributes = kept(&ACCOUNT);
            // In UTF-16, as the domain wants it.
            let password: String = "\"Aaaa-9aaa-Bbbb-9bbb\"".chars().flat_map(|letter| [letter, '\0']).collect();
            attributes.push(class("user"));
            attributes.push(("unicodePwd".to_owned(), vec![password]));
            attributes.push(("userAccountControl".to_owned(), vec!["512".to_owned()]));
            attributes.push(("pwdLastSet".to_owned(), vec!["0".to_owned()]));
            add(deepest + 1, attributes);
        } else {
            let members: Vec<String> = entry.get("member").into_iter().flatten().cloned().collect();
            let mut portions = members.chunks(PORTION).map(<[String]>::to_vec);
            let mut attributes = kept(&GROUP);
            attributes.push(class("group"));
            attributes.extend(portions.next().map(|first| ("member".to_owned(), first)));
            add(deepest + 2, attributes);
            for (wave, portion) in portions.enumerate() {
                let operation = Operation::Modify(vec![Edit::Add("member".to_owned(), portion)]);
                writes.push(Write { wave: deepest + 3 + wave, dn: dn.clone(), operation });
            }
        }
    }
    writes
}
