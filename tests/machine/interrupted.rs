//! `kill -9` at any point of a run: the next one ends with the same directory as if nothing had happened.

use crate::world::{World, block};
use jiff::civil::date;
use sluss_people::Population;
use sluss_test_servers::slapd::{Options, Slapd, Tree};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How often a run is killed.
const KILLS: u64 = 16;
/// How many persons there are: enough for several batches, and for writes that take a while.
const PERSONS: u32 = 120;
const DAY: &str = "2026-11-21";
const LATER: &str = "2026-11-24";

/// A directory that takes its time, so that most kills come in the middle of its writes.
async fn slow() -> Slapd {
    Slapd::start(Options { durable: true, overlays: true, ..Options::default() }).await.unwrap()
}

fn people(world: &World, population: &Population) {
    world.write("incoming/heroma-anst.csv", population.employments_csv());
    world.write("incoming/heroma-enhet.csv", population.units_csv());
}

/// The second day: people come, go, move and change.
fn later(population: &Population) -> Population {
    let day = date(2026, 11, 24);
    let mut ordinary = population.ordinary();
    let (mover, leaver) = (ordinary.next().unwrap(), ordinary.next().unwrap());
    population.clone().changed(7).mover(mover, 2, day).leaver(leaver, date(2026, 11, 23)).joiner(day)
}

#[test]
fn a_killed_run_is_finished_by_the_next() {
    block(async {
        let population = Population::new(7, PERSONS).on(date(2026, 11, 21));
        let second = later(&population);
        let (first_day, second_day, first_took, second_took) = undisturbed(&population, &second).await;
        let seed = std::hash::RandomState::new().build_hasher().finish();
        for kill in 0..KILLS {
            let random = |bound: Duration, salt: u64| {
                let mixed = (seed ^ (kill << 8) ^ salt).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
                bound.mul_f64(mixed as f64 / f64::from(1 << 24))
            };
            let server = slow().await;
            let world = World::ldap(&server);
            people(&world, &population);
            let (once, twice) = (random(first_took, 1), random(first_took, 2));
            let context = format!("seed {seed}, kill {kill}: after {once:?} and {twice:?} of {first_took:?}");
            killed(&world, DAY, once);
            killed(&world, DAY, twice);
            world.run(DAY).expect(&[0, 1]);
            assert_eq!(server.dump().await.unwrap(), first_day, "{context}");
            people(&world, &second);
            killed(&world, LATER, random(second_took, 3));
            world.run(LATER).expect(&[0, 1]);
            same(&server.dump().await.unwrap(), &second_day, &context);
            let written = server.writes().await.unwrap();
            world.run(LATER).expect(&[0, 1]);
            assert_eq!(server.writes().await.unwrap(), written, "{context}: and then there is nothing left to do");
        }
    });
}

fn same(found: &Tree, wanted: &Tree, context: &str) {
    let names = |tree: &Tree| tree.keys().cloned().collect::<BTreeSet<_>>();
    let (found_names, wanted_names) = (names(found), names(wanted));
    assert_eq!(found_names, wanted_names, "{context}");
    for (dn, entry) in wanted {
        assert_eq!(&found[dn], entry, "{context}: {dn}");
    }
}

/// Both days without any disturbance: the directory after each, and how long each took.
async fn undisturbed(first: &Population, second: &Population) -> (Tree, Tree, Duration, Duration) {
    let server = slow().await;
    let world = World::ldap(&server);
    people(&world, first);
    // Plugins are compiled once and for all; that is not what is to be killed.
    world.sluss(&["check"]).expect(&[0]);
    let began = Instant::now();
    world.run(DAY).expect(&[0, 1]);
    let first_took = began.elapsed();
    let first_day = server.dump().await.unwrap();
    assert!(first_day.keys().filter(|dn| dn.starts_with("uid=")).count() as u32 > PERSONS / 2);
    people(&world, second);
    let began = Instant::now();
    world.run(LATER).expect(&[0, 1]);
    (first_day, server.dump().await.unwrap(), first_took, began.elapsed())
}

/// Starts a run and kills it, unless it is done before.
fn killed(world: &World, day: &str, after: Duration) {
    let mut run = world.command(&["run", "--on", day]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    // On Unix this is SIGKILL.
    run.kill().unwrap();
    run.wait().unwrap();
}
