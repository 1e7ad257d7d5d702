//! `password`: shows first passwords once. What they are made of is forgotten before they are shown, so that whoever holds
//! one knows that nobody was shown it before.

use super::status::state;
use crate::config::Config;
use crate::error::{CliError, ErrorKind};
use crate::explain::asker;
use crate::output::Screen;
use crate::output::style::shown;
use crate::output::table::{Column, table};
use crate::passwords::Passwords;
use crate::run::now;
use serde::Serialize;
use sluss_store::{Known, Lock, Store};
use std::collections::BTreeSet;

/// Whose passwords are wanted.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// Names of accounts, or of groups.
    pub names: &'a [String],
    /// Whether they are names of groups, whose members are meant.
    pub group: bool,
    /// The system that the accounts are in; any, unless it is said.
    pub target: Option<&'a str>,
}

/// A first password, as it is shown.
#[derive(Debug, Serialize)]
struct First {
    account: String,
    target: String,
    password: String,
}

/// What is shown.
#[derive(Debug, Serialize)]
struct Firsts {
    format: &'static str,
    passwords: Vec<First>,
    /// Accounts whose first password is not known any more, or never was.
    without: Vec<String>,
}

/// Shows first passwords, and notes in the audit to whom. Code 1 if some accounts have none.
pub(super) fn password(config: &Config, screen: &Screen, wanted: &Wanted<'_>) -> Result<u8, CliError> {
    let mut store = state(config)?;
    let _lock = Lock::take(&config.state, &format!("process {}, showing first passwords", std::process::id()))?;
    let accounts = accounts(&store, wanted)?;
    let passwords = Passwords::new(config.passwords.clone());
    let mut firsts = Firsts { format: "sluss-passwords/1", passwords: Vec::new(), without: Vec::new() };
    store.begin()?;
    for account in accounts {
        let called = store.called(account.id)?;
        match store.kept_salt(account.id)?.filter(|_| account.remote.is_some()) {
            Some(salt) => {
                let password = passwords.tell(&salt)?.expose().to_owned();
                store.drop_salt(account.id)?;
                store.audit(&now(), &asker(), &format!("the first password of {called} in {}", account.target))?;
                firsts.passwords.push(First { account: called, target: account.target, password });
            }
            None => firsts.without.push(format!("{called} in {}", account.target)),
        }
    }
    store.commit()?;
    let code = u8::from(!firsts.without.is_empty());
    screen.result(&firsts, text)?;
    Ok(code)
}

/// The accounts that are meant, each once, in the order of their names.
fn accounts(store: &Store, wanted: &Wanted<'_>) -> Result<Vec<Known>, CliError> {
    let mut ids = BTreeSet::new();
    for name in wanted.names {
        let found = if wanted.group { members(store, name)? } else { of(store, name)? };
        if found.is_empty() {
            let (none, kind) =
                if wanted.group { ("nobody in a group", "a group's") } else { ("no account", "an account's") };
            let told = CliError::new(ErrorKind::NotRun, format!("there is {none} {}", shown(name)));
            return Err(told.help(format!("write {kind} name, as `sluss explain` shows it")));
        }
        ids.extend(found);
    }
    let mut accounts = Vec::with_capacity(ids.len());
    for id in ids {
        accounts.extend(store.object(id)?.filter(|known| wanted.target.is_none_or(|target| target == known.target)));
    }
    accounts.sort_by(|a, b| (&a.label, &a.target).cmp(&(&b.label, &b.target)));
    Ok(accounts)
}

/// The accounts that are called so, or that somebody has who is.
fn of(store: &Store, name: &str) -> Result<Vec<u64>, CliError> {
    let labelled = store.labelled(name)?;
    let mut ids: Vec<u64> = labelled.iter().filter(|known| known.person.is_some()).map(|known| known.id).collect();
    for person in store.named(name)? {
        ids.extend(store.accounts_of(person)?.iter().map(|known| known.id));
    }
    Ok(ids)
}

/// The accounts in the groups that are called so.
fn members(store: &Store, name: &str) -> Result<Vec<u64>, CliError> {
    let mut ids = Vec::new();
    for group in store.labelled(name)?.into_iter().filter(|known| known.key.is_some()) {
        ids.extend(store.members_of(group.id)?);
    }
    Ok(ids)
}

fn text(firsts: &Firsts) -> String {
    let mut out = String::new();
    if !firsts.passwords.is_empty() {
        let headings = [("account", Column::Text), ("system", Column::Text), ("first password", Column::Text)];
        let row = |first: &First| vec![shown(&first.account), first.target.clone(), first.password.clone()];
        out += &table(&headings, firsts.passwords.iter().map(row));
        out += "They are not shown again.\n";
    }
    for account in &firsts.without {
        out += &format!("{}: no first password is known; set a new one in the system\n", shown(account));
    }
    out
}
