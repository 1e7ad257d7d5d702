//! Taking over what a target has already: accounts and groups that the policy's rules know as theirs are linked, what is
//! doubtful becomes a case, and the rest is reported. The target is only read; its plugin could not write if it wanted to.
//!
//! Persons come first: the sources are read and the registers asked, as in any run. What is linked is remembered as it
//! is, so that the next plan shows what Sluss would change about it.

mod claims;
mod groups;
mod link;
mod look;

use super::ground::{Ground, now};
use super::{Mode, Options, guard, read, resolve, verify};
use crate::config::Config;
use crate::error::{CliError, ErrorKind};
use crate::explain::asker;
use crate::output::Progress;
use crate::word::suggest;
use claims::{Claims, Verdict};
pub use link::{ADOPT, Doubtful, claimants, doubtful_is};
use serde::Serialize;
use sluss_engine::finding::Finding;
use sluss_engine::numbers;
use sluss_engine::person::PersonId;

/// What was found, in the shape that `--json` prints.
#[derive(Debug, Serialize)]
pub struct Adoption {
    /// `sluss-adoption/1`.
    pub format: &'static str,
    /// The target.
    pub target: String,
    /// Whether what was found is remembered.
    pub linked: bool,
    /// Objects that were linked before.
    pub known: u64,
    /// Accounts that are somebody's: what the account is called, and the person.
    pub accounts: Vec<(String, String)>,
    /// Groups that are one of the rules': what the group is called, and the rule.
    pub groups: Vec<(String, String)>,
    /// Objects that may be somebody's, and why that is not certain.
    pub doubtful: Vec<(String, String)>,
    /// Objects that are nobody's.
    pub orphans: Vec<String>,
    /// What somebody should look at.
    pub findings: Vec<Finding>,
}

/// Looks what of a target is there already, and links it if `options` says so.
pub async fn adopt(
    config: &Config,
    options: &Options,
    progress: &Progress,
    target: &str,
    protected: bool,
) -> Result<Adoption, CliError> {
    let mut ground = Ground::open(config, options, progress).await?;
    let Some(index) = ground.systems.targets.iter().position(|system| system.name == target) else {
        let names = ground.systems.targets.iter().map(|system| system.name.as_str());
        let told = CliError::not_run(format!("there is no target {target}"));
        return Err(match suggest(target, names) {
            Some(help) => told.help(help),
            None => told,
        });
    };
    let knows = |rule: &sluss_engine::policy::AccountRule| rule.target == target && !rule.adopt.is_empty();
    let knows_groups = ground.policy.groups.iter().any(|rule| rule.target == target && rule.adopt.is_some());
    if !ground.policy.accounts.iter().any(knows) && !knows_groups {
        let message = format!("no rule of the policy says how what {target} has already is known");
        return Err(CliError::not_run(message)
            .help("write `adopt = [{ attribute = \"…\", value = \"…\" }]` in the [account.NAME] of that target"));
    }
    if protected {
        let what = format!("the accounts of protected persons in {target}");
        ground.store.audit(&now(), &asker(), &what)?;
    }
    ground.store.begin()?;
    let result = work(&mut ground, index, target, protected).await;
    match (&result, &options.mode) {
        (Ok(_), Mode::Adopt { link: true }) => ground.store.commit()?,
        _ => ground.store.roll_back()?,
    }
    progress.finish();
    result
}

async fn work(ground: &mut Ground<'_>, index: usize, target: &str, open: bool) -> Result<Adoption, CliError> {
    resolve::unanswered(ground).await?;
    let readings = read::sources(ground).await?;
    let tripped = guard::sources(ground, &readings);
    if let Some(first) = tripped.first() {
        let message = format!("{} lost more records than {} lets it", first.system, first.guard);
        return Err(
            CliError::not_run(message).help("see with `sluss plan` whether that is right, before anybody is linked")
        );
    }
    verify::registers(ground).await?;
    ground.progress.stage("looking who may have what", None);
    let claims = Claims::of(ground, target)?;
    let mut adoption = Adoption {
        format: "sluss-adoption/1",
        target: target.to_owned(),
        linked: !ground.preview,
        known: 0,
        accounts: Vec::new(),
        groups: Vec::new(),
        doubtful: Vec::new(),
        orphans: Vec::new(),
        findings: Vec::new(),
    };
    // An account's id may say who somebody is of whom nothing may be shown.
    let shown = |id: &str, persons: &[PersonId]| match claims.protected(persons) {
        Some(person) if !open => format!("an account of protected person {}", person.0),
        _ => numbers::mask_in(id),
    };
    let mut links = Vec::new();
    for (class, attributes) in claims.classes(ground.policy, target) {
        let found = look::class(ground, index, &class, &attributes).await?;
        adoption.known += found.known;
        for (object, verdict) in claims.judge(ground.policy, target, &class, found.strange) {
            match verdict {
                Verdict::Nobody => adoption.orphans.push(numbers::mask_in(&object.id)),
                Verdict::Certain { rule, person } => links.push((object, rule, person)),
                Verdict::Doubtful(doubt) => {
                    let shown = shown(&object.id, &doubt.candidates);
                    link::park(ground, target, &object, &doubt, &shown)?;
                    adoption.doubtful.push((shown, doubt.why));
                }
            }
        }
    }
    for (object, rule, person) in &links {
        let rule = &ground.policy.accounts[*rule];
        link::account(ground, rule, *person, object)?;
        adoption.accounts.push((shown(&object.id, &[*person]), format!("person {}", person.0)));
    }
    link::references(ground, target)?;
    groups::adopt(ground, index, target, &claims, &mut adoption).await?;
    adoption.findings = std::mem::take(&mut ground.findings);
    if let Some((system, fault)) = ground.suspended.first_key_value() {
        // Without everybody who could have an account, whose it is cannot be said.
        let kind =
            if ground.systems.targets[index].name == *system { ErrorKind::Unavailable } else { ErrorKind::NotRun };
        return Err(CliError::new(kind, format!("{system}: {}", fault.message)).help("nothing was linked; try again"));
    }
    Ok(adoption)
}
