//! Carrying the plan out: batch by batch, each journalled as sent before it leaves, each settled when it is answered.
//!
//! While a target works on one batch, the answers to the one before are settled and the next is made ready. Never are two
//! batches under way, and what is made ready meanwhile touches nothing that is under way: its versions would be old.

use super::ground::Ground;
use super::send::next;
use super::settle::{self, Sent};
use super::{reconcile, resolve};
use crate::error::CliError;
use crate::report::Tally;
use crate::systems::beside;
use sluss_engine::change::{Applied, Operation, Outcome};
use sluss_engine::fault::{Fault, FaultKind};
use sluss_engine::policy::Policy;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most changes in a batch, whatever a connector would take.
const BATCH: u32 = 500;
/// The share of the time that a call may take which a batch is meant to take at most.
const SHARE: u32 = 6;
/// How often a system may ask to wait, without having done anything meanwhile, before it is left alone.
const PATIENCE: u32 = 20;

/// Carries out what is planned for every target. Returns whether something came up that a new round can put right.
pub async fn targets(ground: &mut Ground<'_>, applied: &mut Tally) -> Result<bool, CliError> {
    let mut again = false;
    let names: Vec<String> = ground.systems.targets.iter().map(|target| target.name.clone()).collect();
    for index in order(ground.policy, &names) {
        again |= target(ground, index, applied).await?;
    }
    Ok(again)
}

/// The targets, by their places: one whose accounts feed those of another comes before it, apart from that they stand in the
/// order of the configuration. Where targets feed each other, that order is all there is.
fn order(policy: &Policy, targets: &[String]) -> Vec<usize> {
    let target =
        |rule: &str| policy.accounts.iter().find(|account| account.name == rule).map(|rule| rule.target.as_str());
    let feeds = |one: &str, other: &str| {
        let rules = policy.accounts.iter().filter(|rule| one != other && rule.target == other);
        rules.flat_map(|rule| &rule.feeds).any(|feed| target(&feed.rule) == Some(one))
    };
    let mut left: Vec<usize> = (0..targets.len()).collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |at: &usize| left.iter().any(|other| feeds(&targets[*other], &targets[*at]));
        let next = left.iter().position(|at| !waits(at)).unwrap_or(0);
        order.push(left.remove(next));
    }
    order
}

/// A batch, and what its target said to it.
type Answered = (Vec<Sent>, Result<Vec<Outcome>, Fault>);

async fn target(ground: &mut Ground<'_>, index: usize, applied: &mut Tally) -> Result<bool, CliError> {
    let name = ground.systems.targets[index].name.clone();
    ground.progress.stage(&format!("writing to {name}"), None);
    let system = &ground.systems.targets[index];
    let most = system.max_batch().clamp(1, BATCH);
    let pace = Pace { most, now: most, aim: system.call() / SHARE };
    let mut flow = Flow { name, pace, waits: 0, pause: None, again: false };
    let mut answered: Option<Answered> = None;
    let mut batch = flow.step(ground, applied, None, Vec::new(), &[])?;
    while !batch.is_empty() {
        if let Some(pause) = flow.pause.take() {
            tokio::time::sleep(Duration::from_millis(u64::from(pause))).await;
        }
        let last = answered.take();
        let (mut result, ahead) = match ground.systems.targets[index].take().await {
            Ok(mut connector) => {
                let under_way = Arc::new(batch);
                let sent = Arc::clone(&under_way);
                let call = async move {
                    let start = Instant::now();
                    let passwords = sent.iter().filter_map(|sent| Some((sent.change.id, sent.password.clone()?)));
                    let passwords = passwords.collect();
                    let result = connector.apply(sent.iter().map(|sent| &sent.change), passwords).await;
                    (connector, result, start.elapsed())
                };
                let meanwhile = || flow.step(ground, applied, last, Vec::new(), &under_way);
                let ((connector, result, time), ahead) = beside(call, meanwhile).await;
                flow.pace.took(time, under_way.len());
                ground.systems.targets[index].give_back(connector);
                batch = Arc::unwrap_or_clone(under_way);
                (result, ahead)
            }
            Err(fault) => (Err(fault), flow.step(ground, applied, last, Vec::new(), &batch)),
        };
        let ahead = ahead?;
        if let Ok(outcomes) = &mut result {
            recognise(ground, index, &batch, outcomes).await;
        }
        ground.progress.advance(batch.len() as u64);
        let smooth = result.as_ref().is_ok_and(|outcomes| {
            outcomes.iter().all(|outcome| matches!(outcome, Outcome::Applied(_) | Outcome::Unchanged(_)))
        });
        if smooth && !ahead.is_empty() {
            answered = Some((std::mem::replace(&mut batch, ahead), result));
        } else {
            batch = flow.step(ground, applied, Some((batch, result)), ahead, &[])?;
        }
    }
    Ok(flow.again)
}

/// How many changes go in one batch: fewer where a target is slow, so that no call runs out of time.
struct Pace {
    most: u32,
    now: u32,
    /// How long a batch is meant to take at most.
    aim: Duration,
}

impl Pace {
    /// Takes note of how long a batch of so many changes took.
    fn took(&mut self, time: Duration, changes: usize) {
        let fits = changes as f64 * self.aim.as_secs_f64() / time.as_secs_f64().max(0.001);
        // Becoming slower happens at once, becoming quicker step by step.
        let next = fits.min(f64::from(self.now) * 2.0);
        self.now = (next as u32).clamp(1, self.most);
    }
}

/// How the work on one target goes.
struct Flow {
    name: String,
    pace: Pace,
    /// How often the target asked to wait since it last did something.
    waits: u32,
    /// How long it wants us to wait now, in milliseconds.
    pause: Option<u32>,
    /// Whether a new round can put something right.
    again: bool,
}

impl Flow {
    /// One step of the store: settles a batch, takes back what was made ready and shall not leave after all, and
    /// journals the next batch as sent. `beside` is under way meanwhile.
    fn step(
        &mut self,
        ground: &mut Ground<'_>,
        applied: &mut Tally,
        answered: Option<Answered>,
        back: Vec<Sent>,
        beside: &[Sent],
    ) -> Result<Vec<Sent>, CliError> {
        ground.store.begin()?;
        for sent in back {
            ground.store.unsent(sent.entry.id)?;
        }
        if let Some((sent, result)) = answered {
            let settled = settle::batch(ground, &self.name, sent, result, applied)?;
            self.again |= settled.again;
            self.pause = settled.pause;
            self.waits = if settled.moved { 0 } else { self.waits } + u32::from(settled.pause.is_some());
            if self.waits > PATIENCE && settled.pause.is_some() {
                let message = "the system asked to wait again and again";
                ground.suspend(&self.name, Fault::new(FaultKind::Throttled, message));
            }
        }
        let batch = if ground.suspended.contains_key(&self.name) {
            ground.store.discard(Some(&self.name))?;
            Vec::new()
        } else {
            next(ground, &self.name, self.pace.now as usize, beside)?
        };
        ground.store.sent(batch.iter().map(|sent| sent.entry.id))?;
        ground.store.commit()?;
        Ok(batch)
    }
}

/// A create that is refused because the object is there, when an earlier run broke off with the same create under way:
/// that create was carried out after all, if the object is just as it would have been made.
async fn recognise(ground: &mut Ground<'_>, index: usize, batch: &[Sent], outcomes: &mut [Outcome]) {
    for (sent, outcome) in batch.iter().zip(outcomes) {
        let Outcome::Rejected(fault) = &*outcome else { continue };
        let Operation::Create(create) = &sent.change.operation else { continue };
        let ghost = (sent.known.target.clone(), sent.known.label.clone());
        if fault.kind != FaultKind::AlreadyExists || !ground.ghosts.contains(&ghost) {
            continue;
        }
        let mut names: Vec<String> = create.iter().map(|(name, _)| name.clone()).collect();
        let rule = reconcile::account_rule(ground.policy, &sent.known);
        let asked = rule.map_or_else(Vec::new, |rule| ground.policy.computed_of(rule));
        names.extend(asked.into_iter().map(str::to_owned));
        let Ok(connector) = ground.systems.targets[index].connector().await else { continue };
        if let Ok(Some(object)) = connector.find(&sent.known.class, create, &names).await
            && resolve::same(create, &object)
        {
            let computed = rule.map(|rule| reconcile::computed(ground.policy, rule, &object.attributes));
            let computed = computed.unwrap_or_default();
            *outcome = Outcome::Unchanged(Applied { id: object.id, version: object.version, computed });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Pace, order};
    use sluss_engine::policy::load;
    use std::time::Duration;

    #[test]
    fn a_slow_target_gets_less_at_a_time_and_a_quick_one_all_it_takes() {
        let mut pace = Pace { most: 500, now: 500, aim: Duration::from_secs(10) };
        pace.took(Duration::from_millis(200), 500);
        assert_eq!(pace.now, 500);
        pace.took(Duration::from_secs(50), 500);
        assert_eq!(pace.now, 100);
        pace.took(Duration::from_secs(1), 100);
        assert_eq!(pace.now, 200, "step by step");
        pace.took(Duration::from_secs(9000), 200);
        assert_eq!(pace.now, 1, "something is always tried");
        pace.took(Duration::ZERO, 1);
        assert_eq!(pace.now, 2);
    }

    #[test]
    fn a_target_whose_accounts_feed_another_comes_first() {
        let ordered = |rules: &[(&str, &str, &str)], targets: &[&str]| {
            let rule = |(name, target, asks): &(&str, &str, &str)| {
                let key = if asks.is_empty() { String::new() } else { format!("key = \"accounts.{asks}.id\"\n") };
                format!("[account.{name}]\ntarget = '{target}'\nclass = 'c'\n[account.{name}.attributes]\n{key}")
            };
            let text: String = rules.iter().map(rule).collect();
            let policy = load(&[("policy.toml".to_owned(), text)]).unwrap();
            let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
            order(&policy, &targets).into_iter().map(|at| targets[at].clone()).collect::<Vec<_>>()
        };
        let chain = [("a", "archive", "o"), ("o", "office", "d"), ("d", "directory", ""), ("x", "other", "")];
        assert_eq!(
            ordered(&chain, &["archive", "other", "office", "directory"]),
            ["other", "directory", "office", "archive"]
        );
        assert_eq!(
            ordered(&chain, &["directory", "office", "archive", "other"]),
            ["directory", "office", "archive", "other"]
        );
        // One target that feeds itself, and two that feed each other, stay as they are.
        assert_eq!(ordered(&[("a", "one", "b"), ("b", "one", "")], &["two", "one"]), ["two", "one"]);
        let both = [("a", "one", "b"), ("b", "two", ""), ("c", "two", "d"), ("d", "one", "")];
        assert_eq!(ordered(&both, &["two", "one", "three"]), ["three", "two", "one"]);
    }
}
