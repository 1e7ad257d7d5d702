//! The entries that hold others: whether they are there, how the server spells them, and making those that are not.
//!
//! A server gives names in the spelling in which each entry was added. An object's id has to be the same text whenever
//! it is told, so a new entry's name is built on the name that its container really has.

use super::Dn;
use super::holder::holder;
use super::server::Server;
use crate::ldap::{Attribute, Operation, Outcome, Request};
use crate::{Error, ErrorKind};
use std::collections::{BTreeMap, HashMap};

/// What an entry needs that is there only to hold others.
type Holder = fn(&Dn) -> Result<Vec<Attribute>, Error>;

/// What is known of containers.
#[derive(Debug)]
pub struct Containers {
    /// Those that are there, by their keys, in the server's spelling.
    there: HashMap<String, Dn>,
    holder: Holder,
}

impl Default for Containers {
    fn default() -> Self {
        Containers::new(holder)
    }
}

/// The containers that could not be made, and why.
#[derive(Debug, Default)]
pub struct Failures(Vec<(Dn, Error)>);

impl Failures {
    /// Why there is no such container, if it or one above it could not be made.
    pub fn of(&self, container: &Dn) -> Option<&Error> {
        self.0.iter().find(|(failed, _)| container.is_under(failed)).map(|(_, error)| error)
    }
}

impl Containers {
    /// Nothing is known yet; this says what a missing one needs, or why it cannot be made.
    pub fn new(holder: Holder) -> Self {
        Containers { there: HashMap::new(), holder }
    }

    /// Sees to it that containers are there. Each comes with the id of a change that wants it. An error means that
    /// nothing was written.
    pub fn ensure(&mut self, server: &impl Server, base: &Dn, wanted: &[(u64, Dn)]) -> Result<Failures, Error> {
        let mut failures = Failures::default();
        // Parents first.
        let mut missing: BTreeMap<(usize, String), (u64, Dn)> = BTreeMap::new();
        for (change, container) in wanted {
            if !container.is_under(base) {
                let message = format!("`{container}` does not stand below the base `{base}`");
                failures.0.push((container.clone(), Error::permission(message)));
                continue;
            }
            let mut above = Some(container.clone()).filter(|container| container.key() != base.key());
            while let Some(container) = above.filter(|above| above.depth() > base.depth()) {
                let place = (container.depth(), container.key());
                if missing.contains_key(&place) || self.find(server, &container)? {
                    break;
                }
                above = container.parent();
                missing.insert(place, (*change, container));
            }
        }
        let mut requests = Vec::with_capacity(missing.len());
        for (change, container) in missing.into_values() {
            match (self.holder)(&container) {
                Ok(attributes) => {
                    let dn = self.spelt(&container).to_string();
                    requests.push((Request { change, dn, operation: Operation::Add(attributes) }, container));
                }
                Err(error) => failures.0.push((container, error)),
            }
        }
        requests.retain(|(_, container)| failures.of(container).is_none());
        if !requests.is_empty() {
            self.make(server, requests, &mut failures)?;
        }
        Ok(failures)
    }

    fn make(
        &mut self,
        server: &impl Server,
        requests: Vec<(Request, Dn)>,
        failures: &mut Failures,
    ) -> Result<(), Error> {
        let (requests, made): (Vec<Request>, Vec<Dn>) = requests.into_iter().unzip();
        for ((outcome, request), container) in server.write(&requests)?.into_iter().zip(&requests).zip(made) {
            match outcome {
                Outcome::Done => {
                    self.there.insert(container.key(), Dn::parse(&request.dn)?);
                }
                // Somebody made it meanwhile, or this account may not see it.
                Outcome::Refused(error) if error.kind == ErrorKind::AlreadyExists => {
                    if !self.find(server, &container).unwrap_or(false) {
                        self.there.insert(container.key(), container);
                    }
                }
                Outcome::Refused(error) | Outcome::Unknown(error) => {
                    let message = format!("The container `{container}` could not be made: {}", error.message);
                    // Whatever became of the container, nothing was sent of the entries that belong in it.
                    failures.0.push((container, Error { message, sent: false, ..error }));
                }
            }
        }
        Ok(())
    }

    /// Whether a container is there.
    fn find(&mut self, server: &impl Server, container: &Dn) -> Result<bool, Error> {
        let key = container.key();
        if self.there.contains_key(&key) {
            return Ok(true);
        }
        let found = server.spelling(container)?;
        Ok(found.map(|spelling| self.there.insert(key, spelling)).is_some())
    }

    /// A name with its container spelt as the server does, where that is known.
    pub fn spelt(&self, dn: &Dn) -> Dn {
        let container = dn.parent().and_then(|parent| self.there.get(&parent.key()));
        let spelt = container.and_then(|container| Some(dn.relative_to(container)?.within(container)));
        spelt.unwrap_or_else(|| dn.clone())
    }

    /// Looks for a container anew when it is wanted again.
    pub fn forget(&mut self, container: &Dn) {
        self.there.retain(|_, known| !container.is_under(known));
    }
}
