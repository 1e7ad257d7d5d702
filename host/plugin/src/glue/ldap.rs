//! Glue for `ldap`.
//!
//! A connection is made when it is first used, and belongs to the instance that used it: when the instance goes, so
//! does whatever it had under way.

use crate::bindings::host::ldap as wit;
use crate::bindings::host::ldap::Host;
use crate::bindings::host::types::Error;
use crate::capability::ldap::{
    Attribute, Edit, Entries, Entry, Ldap, Modification, Operation, Outcome, Query, Scope, Synced, Write,
};
use crate::capability::passwords::Passwords;
use crate::convert;
use crate::description::{Access, ConnectionKind};
use crate::grants::Connection;
use crate::state::State;
use sluss_engine::fault::{Fault, FaultKind};
use std::sync::Arc;

type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl State {
    fn directory(&mut self, name: &str, access: Access) -> Result<Arc<Ldap>, Fault> {
        let Connection::Ldap(config) = self.admit(name, ConnectionKind::Ldap, access)? else {
            return Err(Fault::new(FaultKind::Internal, "the judge let another kind of connection pass"));
        };
        if let Some(directory) = self.directories.get(name) {
            return Ok(Arc::clone(directory));
        }
        let directory = Arc::new(Ldap::open(name, config)?);
        self.directories.insert(name.to_owned(), Arc::clone(&directory));
        Ok(directory)
    }
}

impl Host for State {
    async fn server(&mut self, connection: String) -> Answer<wit::Entry> {
        let answer = match self.directory(&connection, Access::Read) {
            Ok(directory) => directory.server().await,
            Err(fault) => Err(fault),
        };
        Ok(answer.map(entry).map_err(convert::error))
    }

    async fn base(&mut self, connection: String) -> Answer<String> {
        let directory = self.directory(&connection, Access::Read);
        Ok(directory.map(|directory| directory.base()).map_err(convert::error))
    }

    async fn search(
        &mut self,
        connection: String,
        query: wit::Query,
        from: Option<Vec<u8>>,
        max: u32,
    ) -> Answer<wit::Entries> {
        let answer = match self.directory(&connection, Access::Read) {
            Ok(directory) => directory.search(&asked(query), from.as_deref(), max).await,
            Err(fault) => Err(fault),
        };
        Ok(answer.map(entries).map_err(convert::error))
    }

    async fn sync(
        &mut self,
        connection: String,
        query: wit::Query,
        since: Option<Vec<u8>>,
        max: u32,
    ) -> Answer<wit::Synced> {
        let answer = match self.directory(&connection, Access::Read) {
            Ok(directory) => directory.sync(&asked(query), since.as_deref(), max).await,
            Err(fault) => Err(fault),
        };
        Ok(answer.map(synced).map_err(convert::error))
    }

    async fn write(&mut self, connection: String, requests: Vec<wit::Request>) -> Answer<Vec<wit::Outcome>> {
        let directory = match self.directory(&connection, Access::Write) {
            Ok(directory) => directory,
            Err(fault) => return Ok(Err(convert::error(fault))),
        };
        let before = self.sent;
        self.sent = true;
        let writes = requests.into_iter().map(|request| write(request, &self.passwords)).collect();
        let outcomes = directory.write(writes).await;
        self.sent = before || !outcomes.iter().all(|outcome| matches!(outcome, Outcome::Refused(_)));
        Ok(Ok(outcomes.into_iter().map(outcome).collect()))
    }
}

fn asked(query: wit::Query) -> Query {
    Query {
        base: query.base,
        scope: match query.scope {
            wit::Scope::Base => Scope::Base,
            wit::Scope::One => Scope::One,
            wit::Scope::Subtree => Scope::Subtree,
        },
        filter: query.filter,
        attributes: query.attributes,
        with_guids: query.with_guids,
    }
}

fn write(request: wit::Request, passwords: &Passwords) -> Write {
    let attribute = |given: wit::Attribute| written(given, passwords);
    let operation = match request.operation {
        wit::Operation::Add(attributes) => Operation::Add(attributes.into_iter().map(attribute).collect()),
        wit::Operation::Modify(modifications) => Operation::Modify(
            modifications
                .into_iter()
                .map(|modification| Modification {
                    edit: match modification.edit {
                        wit::Edit::Add => Edit::Add,
                        wit::Edit::Remove => Edit::Remove,
                        wit::Edit::Replace => Edit::Replace,
                    },
                    attribute: attribute(modification.attribute),
                })
                .collect(),
        ),
        wit::Operation::Rename(rename) => Operation::Rename { rdn: rename.rdn, parent: rename.parent },
        wit::Operation::Remove => Operation::Remove,
    };
    Write { change: request.change, dn: request.dn, operation }
}

/// An attribute as it is written: with passwords in the place of what stands for them.
fn written(given: wit::Attribute, passwords: &Passwords) -> Attribute {
    let wit::Attribute { name, mut values } = given;
    let mut is_password = !values.is_empty();
    for value in &mut values {
        match passwords.value(&name, value) {
            Some(password) => *value = password,
            None => is_password = false,
        }
    }
    Attribute { name, values, is_password }
}

fn outcome(outcome: Outcome) -> wit::Outcome {
    match outcome {
        Outcome::Done => wit::Outcome::Done,
        Outcome::Refused(fault) => wit::Outcome::Refused(convert::error(fault)),
        Outcome::Unknown(fault) => wit::Outcome::Unknown(convert::error(fault)),
    }
}

fn entry(entry: Entry) -> wit::Entry {
    let attributes = entry.attributes.into_iter();
    wit::Entry {
        dn: entry.dn,
        attributes: attributes.map(|found| wit::Attribute { name: found.name, values: found.values }).collect(),
    }
}

fn synced(found: Synced) -> wit::Synced {
    wit::Synced { entries: found.entries.into_iter().map(entry).collect(), next: found.next, more: found.more }
}

fn entries(found: Entries) -> wit::Entries {
    wit::Entries { entries: found.entries.into_iter().map(entry).collect(), next: found.next }
}
