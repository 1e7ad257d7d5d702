//! Carrying a batch of changes out, in as few requests as can be.
//!
//! One search says where all objects of the batch stand, nearly every change is one write, and one more search says what
//! the directory calls those that were made.

use crate::class::{ACCOUNT, Class, Layout, NAME, NOTHING, id};
use crate::fault::{About, FORBIDDEN, OTHER, explained, named};
use crate::guid::{Guid, Named};
use crate::refer;
use crate::seats::{self, Seats};
use crate::server::Domain;
use crate::write::{Needs, Plan, Seat, Ways};
use sluss_sdk::directory::{ANY, Containers, Dn, holder};
use sluss_sdk::ldap::{self, Query, Request, Scope, escape_filter};
use sluss_sdk::{Applied, Change, Edit, Error, ErrorKind, Operation, Outcome, Value};
use std::collections::{HashMap, VecDeque};

/// What is remembered of the domain during a run.
#[derive(Debug)]
pub struct Memory {
    /// Where objects stand.
    pub seats: Seats,
    /// Which containers are there.
    pub containers: Containers,
}

impl Default for Memory {
    fn default() -> Self {
        Memory { seats: Seats::default(), containers: Containers::new(unit) }
    }
}

/// What a container that is missing needs: only organisational units are made.
fn unit(dn: &Dn) -> Result<Vec<ldap::Attribute>, Error> {
    match dn.rdn().and_then(|rdn| rdn.first()) {
        Some(part) if part.attribute == "ou" => holder(dn),
        _ => {
            let message = format!("`{dn}` is not there, and only organisational units are made: add it by hand");
            Err(Error::invalid(message))
        }
    }
}

/// A change on its way.
struct Step<'a> {
    change: &'a Change,
    class: Option<&'a Class>,
    /// The object's id; of one that is made, not before the end.
    guid: Option<Guid>,
    /// The name of the entry once all is done.
    dn: Dn,
    left: VecDeque<Request>,
    /// Whether its entry was made.
    is_made: bool,
    /// Why what was made is taken away again.
    failed: Option<Error>,
    outcome: Option<Outcome>,
}

/// Carries batches out.
pub struct Work<'a, D> {
    /// The domain.
    pub domain: &'a D,
    /// The classes.
    pub layout: &'a Layout,
    /// What the operator wants of new accounts.
    pub ways: Ways,
    /// What is remembered.
    pub memory: &'a mut Memory,
}

impl<'w, D: Domain> Work<'w, D> {
    /// Carries a batch out. An error means that nothing of it was.
    pub fn apply(&mut self, changes: &[Change]) -> Result<Vec<Outcome>, Error> {
        let all: Vec<&Change> = changes.iter().collect();
        let (mut outcomes, has_remembered) = self.attempt(&all)?;
        if !has_remembered {
            return Ok(outcomes);
        }
        // What is not where it was remembered to be may have been moved by somebody else.
        let is_lost =
            |outcome: &Outcome| matches!(outcome, Outcome::Rejected(error) if error.kind == ErrorKind::NotFound);
        let lost: Vec<usize> = (0..outcomes.len()).filter(|index| is_lost(&outcomes[*index])).collect();
        let again: Vec<&Change> = lost.iter().map(|index| all[*index]).collect();
        again.iter().filter_map(|change| target(change)).for_each(|guid| self.memory.seats.forget(guid));
        if let Ok((settled, _)) = self.attempt(&again) {
            for (index, outcome) in lost.into_iter().zip(settled) {
                outcomes[index] = outcome;
            }
        }
        Ok(outcomes)
    }

    /// Carries changes out. Whether anything relied on what was remembered is told as well.
    fn attempt(&mut self, changes: &[&Change]) -> Result<(Vec<Outcome>, bool), Error> {
        let wanted: Vec<(Guid, Needs)> = changes.iter().filter_map(|change| self.wanted(change)).collect();
        let (found, has_remembered) = self.memory.seats.find(self.domain, self.layout.base(), &wanted)?;
        let mut steps: Vec<Step<'_>> = changes.iter().map(|change| self.step(change, &found)).collect();
        self.make_room(&mut steps)?;
        let mut is_first = true;
        loop {
            let (mut going, mut requests) = (Vec::new(), Vec::new());
            for (index, step) in steps.iter_mut().enumerate().filter(|(_, step)| step.outcome.is_none()) {
                if let Some(request) = step.left.pop_front() {
                    going.push(index);
                    requests.push(request);
                }
            }
            if requests.is_empty() {
                break;
            }
            let outcomes = match self.domain.write(&requests) {
                Ok(outcomes) => outcomes,
                Err(error) if is_first => return Err(error),
                Err(error) => requests.iter().map(|_| ldap::Outcome::Refused(error.clone())).collect(),
            };
            let mut outcomes = outcomes.into_iter();
            for (index, request) in going.into_iter().zip(requests) {
                self.settle(&mut steps[index], request, outcomes.next().unwrap_or_else(unanswered));
            }
            is_first = false;
        }
        self.name_made(&mut steps);
        let outcomes = steps.into_iter().map(|step| step.outcome.unwrap_or_else(|| Outcome::Unknown(nameless())));
        Ok((outcomes.collect(), has_remembered))
    }

    /// The object that a change is about, and what has to be known of it.
    fn wanted(&self, change: &Change) -> Option<(Guid, Needs)> {
        let needs = match &change.operation {
            Operation::Update(update) => self.layout.class(&change.class).ok()?.needs(update),
            Operation::Create(_) | Operation::Remove(_) => Needs::default(),
        };
        Some((target(change)?, needs))
    }

    fn step<'s>(&self, change: &'s Change, found: &HashMap<Guid, Seat>) -> Step<'s>
    where
        'w: 's,
    {
        let mut step = Step {
            change,
            class: self.layout.class(&change.class).ok(),
            guid: target(change),
            dn: Dn::default(),
            left: VecDeque::new(),
            is_made: false,
            failed: None,
            outcome: None,
        };
        match self.plan(change, found) {
            Ok(Plan { dn, requests }) => {
                step.dn = dn;
                if let (true, Some(guid)) = (requests.is_empty(), step.guid) {
                    step.outcome = Some(Outcome::Unchanged(applied(guid)));
                }
                step.left = requests.into();
            }
            Err(error) => step.outcome = Some(Outcome::Rejected(error)),
        }
        step
    }

    fn plan(&self, change: &Change, found: &HashMap<Guid, Seat>) -> Result<Plan, Error> {
        let class = self.layout.class(&change.class)?;
        let seat = |id: &str| {
            let guid = Guid::parse(id).ok_or_else(|| {
                Error::invalid("This is not the id of an object of a domain, which is a GUID").object(id)
            })?;
            found
                .get(&guid)
                .ok_or_else(|| Error::not_found("there is no such object below the granted base").object(id))
        };
        match &change.operation {
            Operation::Create(attributes) => {
                class.create(change.id, attributes, self.ways, || self.domain.stand_in(change.id))
            }
            Operation::Update(update) => {
                let seat = seat(&update.id)?;
                class.update(change.id, update, seat, self.ways).map_err(|error| error.object(&update.id))
            }
            Operation::Remove(id) => {
                let dn = seat(id)?.dn.clone();
                let request = Request { change: change.id, dn: dn.to_string(), operation: ldap::Operation::Remove };
                Ok(Plan { dn, requests: vec![request] })
            }
        }
    }

    /// Sees to it that new and moved entries have a container.
    fn make_room(&mut self, steps: &mut [Step<'_>]) -> Result<(), Error> {
        let arriving: Vec<(usize, Dn)> = steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.left.iter().any(arrives))
            .map(|(index, step)| (index, step.dn.parent().unwrap_or_default()))
            .collect();
        let wanted: Vec<(u64, Dn)> =
            arriving.iter().map(|(index, container)| (steps[*index].change.id, container.clone())).collect();
        let failures = self.memory.containers.ensure(self.domain, self.layout.base(), &wanted)?;
        for (index, container) in arriving {
            if let Some(error) = failures.of(&container) {
                steps[index].outcome = Some(Outcome::Rejected(explained(error.clone()).0));
            }
        }
        Ok(())
    }

    /// What the answer to a write means for its change.
    fn settle(&mut self, step: &mut Step<'_>, request: Request, outcome: ldap::Outcome) {
        if let Some(error) = step.failed.take() {
            step.outcome = Some(match outcome {
                ldap::Outcome::Done => Outcome::Rejected(error),
                // It stands there half made. Whoever looks for it finds it.
                ldap::Outcome::Refused(_) | ldap::Outcome::Unknown(_) => Outcome::Unknown(error),
            });
            return;
        }
        match outcome {
            ldap::Outcome::Done => {
                step.is_made |= matches!(request.operation, ldap::Operation::Add(_));
                if step.left.is_empty() {
                    self.done(step);
                }
            }
            ldap::Outcome::Refused(error) => match self.refused(step, &request, error) {
                Refusal::Again(request) => step.left.push_front(request),
                Refusal::For(error) => self.fail(step, error, Outcome::Rejected),
            },
            ldap::Outcome::Unknown(error) => self.fail(step, error, Outcome::Unknown),
        }
    }

    /// All writes of a change were carried out.
    fn done(&mut self, step: &mut Step<'_>) {
        // What was made gets its outcome when it is known what it is called.
        let Some(guid) = step.guid else { return };
        match step.change.operation {
            Operation::Remove(_) => self.memory.seats.forget(guid),
            _ => self.memory.seats.put(guid, &step.dn),
        }
        step.outcome = Some(Outcome::Applied(applied(guid)));
    }

    /// A write was not carried out. An account that was made, and did not get its password, is taken away again.
    fn fail(&self, step: &mut Step<'_>, error: Error, outcome: impl Fn(Error) -> Outcome) {
        if !step.is_made {
            step.outcome = Some(outcome(error));
            return;
        }
        let request = Request { change: step.change.id, dn: step.dn.to_string(), operation: ldap::Operation::Remove };
        step.failed = Some(error);
        step.left = VecDeque::from([request]);
    }

    /// What the refusal of a write means for its change.
    ///
    /// Where the edits of a change were done and its new name is refused, the change still counts as not carried out: the
    /// entry is the same, and the same edits once more change nothing.
    fn refused(&mut self, step: &Step<'_>, request: &Request, error: Error) -> Refusal {
        let (error, about) = explained(error);
        let error = match step.guid {
            Some(guid) => error.object(guid.to_string()),
            None => error.object(request.dn.clone()),
        };
        match error.kind {
            ErrorKind::AlreadyExists => {
                let about = if about == About::SomeName { self.taken(step) } else { about };
                Refusal::For(named(error, about, naming(step)))
            }
            ErrorKind::NotFound => self.missing(step, request, error),
            ErrorKind::Invalid if error.code.as_deref() == Some(FORBIDDEN) => match self.taken(step) {
                about @ (About::Account | About::Principal) => {
                    let error = Error { kind: ErrorKind::AlreadyExists, ..error };
                    Refusal::For(named(error, about, naming(step)))
                }
                _ => Refusal::For(error),
            },
            ErrorKind::Invalid if error.code.as_deref() == Some(OTHER) && arrives(request) => {
                let container = step.dn.parent().unwrap_or_default();
                match self.domain.spelling(&container) {
                    Ok(None) => Refusal::For(self.vanished(&container, error)),
                    _ => Refusal::For(error),
                }
            }
            _ => Refusal::For(error),
        }
    }

    /// What is not there: the entry itself, the container that it was to come into, or something that it refers to.
    fn missing(&mut self, step: &Step<'_>, request: &Request, error: Error) -> Refusal {
        let referred = refer::to(request);
        if !referred.is_empty() {
            match refer::there(self.domain, self.layout.base(), &referred) {
                Ok(there) if there.len() < referred.len() => {
                    self.domain.warn("Some of what an object was to refer to is not there, and is left out");
                    return Refusal::Again(refer::only(request, &there));
                }
                Ok(_) => {}
                Err(other) => return Refusal::For(other),
            }
        }
        if !arrives(request) {
            return Refusal::For(error);
        }
        let container = step.dn.parent().unwrap_or_default();
        // The directory says the same of an entry that is not there and of a container that is not there.
        if let Some(guid) = step.guid {
            match seats::by_guid(self.domain, self.layout.base(), ANY, &[guid], &[NOTHING.to_owned()]) {
                Ok(found) if found.is_empty() => return Refusal::For(error),
                Ok(_) => {}
                Err(other) => return Refusal::For(other),
            }
        }
        Refusal::For(self.vanished(&container, error))
    }

    /// A container was there and is no longer: it is made when it is wanted again.
    fn vanished(&mut self, container: &Dn, error: Error) -> Error {
        self.memory.containers.forget(container);
        let message = format!("The container `{container}` was removed by somebody else; it is made anew");
        Error { kind: ErrorKind::Conflict, message, ..error }
    }

    /// Which name is taken, where the directory does not say.
    fn taken(&self, step: &Step<'_>) -> About {
        let Some(class) = step.class else { return About::Name };
        let values = |wanted: &str| given(step.change, wanted);
        let tests: String = [ACCOUNT, PRINCIPAL]
            .into_iter()
            .filter_map(|name| Some(format!("({name}={})", escape_filter(values(name)?))))
            .collect();
        if tests.is_empty() {
            return About::Name;
        }
        let query = Query {
            base: class.base.to_string(),
            scope: Scope::Subtree,
            filter: format!("(|{tests})"),
            attributes: vec![ACCOUNT.to_owned(), PRINCIPAL.to_owned()],
            with_guids: true,
        };
        let Ok(found) = self.domain.search(&query, None, 10) else { return About::Name };
        let others =
            found.entries.iter().filter(|entry| step.guid.is_none() || Named::read(&entry.dn).guid != step.guid);
        let has = |name: &str| {
            let own = values(name).map(str::to_lowercase);
            others.clone().any(|entry| {
                let texts = entry.values(name).iter().map(|value| String::from_utf8_lossy(value).to_lowercase());
                texts.map(Some).any(|text| text == own)
            })
        };
        match (has(ACCOUNT), has(PRINCIPAL)) {
            (true, _) => About::Account,
            (false, true) => About::Principal,
            (false, false) => About::Name,
        }
    }

    /// Finds out what the directory calls what was made.
    fn name_made(&mut self, steps: &mut [Step<'_>]) {
        for class in self.layout.classes() {
            let mut made: HashMap<String, usize> = HashMap::new();
            for (index, step) in steps.iter().enumerate() {
                let is_nameless = step.is_made && step.outcome.is_none();
                if is_nameless && step.class.is_some_and(|own| own.sort == class.sort) {
                    made.extend(given(step.change, ACCOUNT).map(|account| (account.to_lowercase(), index)));
                }
            }
            let accounts: Vec<&str> = made.keys().map(String::as_str).collect();
            for some in accounts.chunks(seats::MOST) {
                let found = match seats::by_account(self.domain, class, some) {
                    Ok(found) => found,
                    Err(error) => {
                        for account in some {
                            steps[made[*account]].outcome = Some(Outcome::Unknown(error.clone()));
                        }
                        continue;
                    }
                };
                for entry in found {
                    let account = entry.values(ACCOUNT).first().map(|own| String::from_utf8_lossy(own).to_lowercase());
                    if let (Some(index), Ok((guid, _))) = (account.and_then(|account| made.get(&account)), id(&entry)) {
                        self.memory.seats.put(guid, &steps[*index].dn);
                        steps[*index].outcome = Some(Outcome::Applied(applied(guid)));
                    }
                }
            }
        }
    }
}

/// What a refusal comes to.
enum Refusal {
    /// This is sent instead.
    Again(Request),
    /// It was not carried out.
    For(Error),
}

const PRINCIPAL: &str = "userPrincipalName";

/// The object that a change is about, if it is there already.
fn target(change: &Change) -> Option<Guid> {
    match &change.operation {
        Operation::Create(_) => None,
        Operation::Update(update) => Guid::parse(&update.id),
        Operation::Remove(id) => Guid::parse(id),
    }
}

/// The text that a change gives an attribute.
fn given<'a>(change: &'a Change, name: &str) -> Option<&'a str> {
    let first = |values: &'a [Value]| values.first()?.as_text();
    match &change.operation {
        Operation::Create(attributes) => {
            first(&attributes.iter().find(|own| own.name.eq_ignore_ascii_case(name))?.values)
        }
        Operation::Update(update) => {
            match &update.modifications.iter().find(|own| own.attribute.eq_ignore_ascii_case(name))?.edit {
                Edit::Replace(values) | Edit::Add(values) => first(values),
                Edit::Remove(_) => None,
            }
        }
        Operation::Remove(_) => None,
    }
}

/// The attribute of a change that names its entry, as the host calls it.
fn naming<'a>(step: &Step<'a>) -> Option<&'a str> {
    let class = step.class?;
    match &step.change.operation {
        Operation::Create(attributes) => class.named_by(attributes),
        Operation::Update(update) => {
            let source = class.rdn.as_deref().unwrap_or(NAME);
            let find = |name: &str| update.modifications.iter().find(|own| own.attribute.eq_ignore_ascii_case(name));
            find(source).or_else(|| find(ACCOUNT)).map(|own| own.attribute.as_str())
        }
        Operation::Remove(_) => None,
    }
}

/// Whether a write puts an entry in a container.
fn arrives(request: &Request) -> bool {
    match &request.operation {
        ldap::Operation::Add(_) => true,
        ldap::Operation::Rename(rename) => rename.parent.is_some(),
        ldap::Operation::Modify(_) | ldap::Operation::Remove => false,
    }
}

fn applied(guid: Guid) -> Applied {
    Applied { id: guid.to_string(), version: None, computed: Vec::new() }
}

fn unanswered() -> ldap::Outcome {
    ldap::Outcome::Unknown(Error::internal("The host did not say what became of this write"))
}

fn nameless() -> Error {
    Error::unavailable(
        "It was made, but the domain does not show it: the address of the connection has to be that of one domain controller, \
         and the account that Sluss logs in with must see what it makes",
    )
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
