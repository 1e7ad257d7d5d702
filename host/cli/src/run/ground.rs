//! What every step of a run stands on: the lock, the store, the policy, the systems, the day, and what was found.

use super::{Mode, Options, values};
use crate::config::Config;
use crate::error::CliError;
use crate::message::Office;
use crate::output::Progress;
use crate::passwords::Passwords;
use crate::report::{Ending, Report, Tripped};
use crate::systems::{self, Systems};
use jiff::civil::Date;
use sluss_engine::fault::Fault;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::person::{PersonId, Unit};
use sluss_engine::policy::Policy;
use sluss_plugin::Mode as Writing;
use sluss_store::{Held, Known, Lock, Ruled, Store};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The name of the store's setting that holds the digest of the policy that everybody was decided by.
const POLICY: &str = "policy";

/// What every step of a run stands on.
pub struct Ground<'a> {
    pub(super) store: Store,
    pub(super) systems: Systems,
    pub(super) policy: &'a Policy,
    pub(super) day: Date,
    pub(super) progress: &'a Progress,
    /// Whether nothing may be written anywhere.
    pub(super) preview: bool,
    pub(super) findings: Vec<Finding>,
    /// Systems that are left alone for the rest of the run, and why.
    pub(super) suspended: BTreeMap<String, Fault>,
    /// Persons for whom something could not be done, and the day of the next try (0 is the next run).
    pub(super) failed: HashMap<PersonId, i32>,
    /// Persons of whom a register was asked and did not answer, with the register.
    pub(super) unverified: HashSet<(PersonId, String)>,
    /// Persons that something in this run has woken after they were decided.
    pub(super) woken: HashSet<PersonId>,
    /// Objects that an earlier run may have asked for, by target and label: the request may still be under way.
    pub(super) ghosts: HashSet<(String, String)>,
    /// What is parked, by scope and id.
    pub(super) parked: HashSet<(String, String)>,
    /// Persons of whom an account may be that the target has already, with the rule that would make another.
    pub(super) unclaimed: HashSet<(PersonId, String)>,
    /// Every unit, by organisation and code.
    pub(super) units: HashMap<(String, String), Unit>,
    /// Who leads those who lead somebody.
    pub(super) managers: super::managers::Managers,
    /// What the decisions of this round want of groups.
    pub(super) wishes: super::groups::Wishes,
    /// Limits that were found to be exceeded on the way.
    pub(super) tripped: Vec<Tripped>,
    /// Changes of this round that refer to somebody's account.
    pub(super) refers: Vec<super::refer::Refer>,
    /// What makes first passwords.
    pub(super) passwords: Passwords,
    /// What mail is written and sent with.
    pub(super) office: Option<Office>,
    /// What follows from this round in a later one.
    pub(super) foreseen: super::foresee::Foreseen,
    /// Whose accounts wait for others of theirs.
    pub(super) waiting: super::foresee::Waiting,
    /// What is wanted of licences, and what there is of them.
    pub(super) seats: super::licences::Seats,
    _lock: Lock,
}

impl<'a> Ground<'a> {
    /// Takes the lock and opens everything. No system is contacted.
    pub async fn open(config: &Config, options: &'a Options, progress: &'a Progress) -> Result<Self, CliError> {
        let folder = config.state.parent().unwrap_or(&config.state);
        std::fs::create_dir_all(folder).map_err(|error| CliError::folder(folder, &error))?;
        let lock = Lock::take(&config.state, &format!("process {}", std::process::id()))?;
        let store = Store::open(&config.state)?;
        let preview = matches!(options.mode, Mode::Plan | Mode::Adopt { link: false });
        let writes = !matches!(options.mode, Mode::Plan | Mode::Adopt { .. });
        let mode = if writes { Writing::Commit } else { Writing::Preview };
        let systems = systems::open(config, &options.policy, mode, Arc::clone(&options.yard), progress).await?;
        let parked = store.parked()?;
        let unclaimed = parked.iter().flat_map(super::adopt::claimants).collect();
        let parked = parked.into_iter().map(|parked| (parked.scope, parked.id)).collect();
        Ok(Ground {
            store,
            systems,
            policy: &options.policy,
            day: options.day,
            progress,
            preview,
            findings: Vec::new(),
            suspended: BTreeMap::new(),
            failed: HashMap::new(),
            unverified: HashSet::new(),
            woken: HashSet::new(),
            ghosts: HashSet::new(),
            parked,
            unclaimed,
            units: HashMap::new(),
            managers: Default::default(),
            wishes: Default::default(),
            tripped: Vec::new(),
            refers: Vec::new(),
            passwords: Passwords::new(config.passwords.clone()),
            office: Office::open(config, &options.policy)?,
            foreseen: Default::default(),
            waiting: Default::default(),
            seats: Default::default(),
            _lock: lock,
        })
    }

    /// Writes the run's own line, unless nothing may be written.
    pub fn begin(&mut self, kind: &str) -> Result<Option<u64>, CliError> {
        if self.preview {
            return Ok(None);
        }
        Ok(Some(self.store.begin_run(kind, &self.day.to_string(), &now())?))
    }

    /// Ends the run's own line, and keeps the plan if it was held.
    pub fn end(&mut self, report: &Report, error: Option<&CliError>) -> Result<(), CliError> {
        let Some(line) = report.run else { return Ok(()) };
        let ending = match error {
            Some(error) => format!("failed: {error}"),
            None => report.ending.as_str().to_owned(),
        };
        let counts = serde_json::json!({
            "planned": report.planned, "applied": report.applied, "decided": report.decided,
            "findings": report.findings.len(), "tripped": report.tripped, "messages": report.messages,
        });
        self.store.begin()?;
        self.store.end_run(line, &now(), &ending, &counts.to_string())?;
        if report.ending == Ending::Held && error.is_none() {
            let plan = serde_json::to_string(report).map_err(CliError::internal)?;
            self.store.hold_plan(&Held { hash: report.hash.clone(), since: now(), plan })?;
        } else if error.is_none() {
            self.store.release_plan()?;
        }
        self.store.commit()?;
        Ok(())
    }

    /// A rule that has objects in one target cannot simply be pointed at another: their ids mean nothing there.
    pub fn check_rules(&self) -> Result<(), CliError> {
        if self.is_same_policy()? {
            return Ok(());
        }
        let accounts = self.policy.accounts.iter().map(|rule| (&rule.name, &rule.target, &rule.class, None));
        let groups = self.policy.groups.iter().map(|rule| (&rule.name, &rule.target, &rule.class, Some(&rule.member)));
        let rules: Vec<_> = accounts.chain(groups).collect();
        for Ruled { rule, target, class, member } in self.store.rules()? {
            let named = || rules.iter().filter(|(name, ..)| **name == rule);
            let same = |now: &&(&String, &String, &String, Option<&String>)| {
                *now.1 == target && *now.2 == class && now.3 == member.as_ref()
            };
            if named().next().is_some() && !named().any(|now| same(&now)) {
                let place = match member {
                    Some(member) => format!("class {class} with their members in {member}"),
                    None => format!("class {class}"),
                };
                return Err(CliError::not_run(format!(
                    "the rule `{rule}` has made objects of {place} in {target}, and says otherwise now"
                ))
                .help("give the new rule another name; what the old one made is then closed"));
            }
        }
        Ok(())
    }

    /// An object as the subject of a finding.
    pub fn subject(&self, known: &Known) -> Result<Subject, CliError> {
        Ok(Subject::Object { target: known.target.clone(), object: self.store.called(known.id)? })
    }

    /// Going back in time undoes what the days between brought about: somebody should know.
    pub fn notice_day(&mut self) -> Result<(), CliError> {
        let skip = usize::from(!self.preview);
        let Some(last) = self.store.runs(1 + skip)?.into_iter().nth(skip) else { return Ok(()) };
        if last.day.parse().is_ok_and(|last: Date| last > self.day) {
            let message = format!("run {} was for {}, and this one is for an earlier day", last.id, last.day);
            self.findings.push(
                Finding::warning(Subject::System("the calendar".to_owned()), message)
                    .advise("what began or ended in between is taken back; see whether the clock is right"),
            );
        }
        Ok(())
    }

    /// Whether everybody was decided by this very policy.
    fn is_same_policy(&self) -> Result<bool, CliError> {
        Ok(self.store.setting(POLICY)?.as_deref() == Some(self.policy.digest.as_str()))
    }

    /// Everybody is decided again when the policy is not the one that they were decided by.
    pub fn notice_policy(&mut self) -> Result<(), CliError> {
        if !self.is_same_policy()? {
            self.store.wake_all()?;
            self.store.soil_groups()?;
            self.store.set(POLICY, &self.policy.digest)?;
        }
        Ok(())
    }

    /// Leaves a system alone for the rest of the run.
    pub fn suspend(&mut self, system: &str, fault: Fault) {
        self.findings.push(
            Finding::failure(Subject::System(system.to_owned()), fault.message.clone())
                .advise(format!("{system} is left alone until the next run; the other systems go on"))
                .at(fault.place.clone()),
        );
        self.suspended.insert(system.to_owned(), fault);
    }

    /// The day as the store counts it.
    pub fn today(&self) -> i32 {
        values::day_number(self.day)
    }

    /// Requests made to each system.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.systems
            .sources
            .iter()
            .chain(&self.systems.registers)
            .chain(&self.systems.targets)
            .map(|system| (system.name.clone(), system.requests()))
            .collect()
    }

    /// Lets every target that was written to put things in their place.
    pub async fn finish(&mut self) -> Result<(), CliError> {
        for index in 0..self.systems.targets.len() {
            let system = &mut self.systems.targets[index];
            if !system.is_open() || self.suspended.contains_key(&system.name) {
                continue;
            }
            let name = system.name.clone();
            let result = match system.connector().await {
                Ok(connector) => connector.finish().await,
                Err(fault) => Err(fault),
            };
            if let Err(fault) = result {
                self.suspend(&name, fault);
            }
        }
        Ok(())
    }
}

/// The moment, for the run's line and for what is parked.
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
