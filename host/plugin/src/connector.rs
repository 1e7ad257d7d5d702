//! A connector at work: one instance of a plugin, opened for one system, and every call that can be made to it.
//!
//! Each call has a deadline, and ends in an answer that fits the contract or in a fault. A connector that trapped, ran
//! out of its limits or was cut off is thrown away at once with all that it held; whoever calls it again hears the same
//! fault, and the host goes on.

use crate::answer::{self, Cursors, Wrong};
use crate::bindings::guest;
use crate::bindings::host::types as wit;
use crate::blame::Call;
use crate::capability::passwords::Passwords;
use crate::convert;
use crate::description::Finding;
use crate::live::Guest;
use crate::scrub::Scrubber;
use crate::secret::Secret;
use crate::state::State;
use sluss_engine::change::{Change, Outcome};
use sluss_engine::fault::{Fault, FaultKind};
use sluss_engine::record::{Marks, Object, Page, Selection};
use sluss_engine::value::Attributes;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::{error::Elapsed, timeout};
use wasmtime::Store;

/// One instance of a plugin.
pub struct Connector {
    /// The instance, or the fault that ended it.
    life: Result<Box<Live>, Fault>,
    /// Id and version of the plugin.
    name: Arc<str>,
    /// Those of an instance that is gone.
    requests: u64,
    cursors: Cursors,
}

struct Live {
    store: Store<State>,
    guest: Guest,
}

/// What changed since a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// New and changed records.
    pub page: Page,
    /// The ids of those that are gone.
    pub gone: Vec<String>,
    /// What to ask with next time, once this answer is complete.
    pub next: Vec<u8>,
}

/// Makes one call under its deadline: the answer, or the fault that broke the connector.
macro_rules! call {
    ($self:ident, $role:ident.$function:ident($($argument:expr),*), $name:literal) => {{
        let live = $self.begin()?;
        let Some(guest) = live.guest.$role.as_ref() else {
            return Err(Fault::new(FaultKind::Unsupported, concat!("the plugin has no ", stringify!($role))));
        };
        let span = live.store.data().limits.call.0;
        let answer = timeout(span, guest.$function(&mut live.store, $($argument),*)).await;
        $self.end(answer, $name)?
    }};
}

impl Connector {
    pub(crate) fn new(store: Store<State>, guest: Guest, name: Arc<str>) -> Self {
        Connector { life: Ok(Box::new(Live { store, guest })), name, requests: 0, cursors: Cursors::default() }
    }

    pub(crate) async fn describe(&mut self) -> Result<guest::connector::Description, Fault> {
        Ok(call!(self, connector.call_describe(), "describe"))
    }

    pub(crate) async fn configure(&mut self, settings: &str) -> Result<(), Fault> {
        let answer = call!(self, connector.call_configure(settings), "configure");
        answer.map_err(|error| self.told(error))
    }

    /// Is everything there and allowed?
    pub async fn check(&mut self) -> Result<Vec<Finding>, Fault> {
        let answer = call!(self, connector.call_check(), "check").map_err(|error| self.told(error))?;
        self.convert(|scrubber| answer.into_iter().map(|found| convert::finding(found, scrubber)).collect())
    }

    /// A text that stays the same as long as reading the class would give the same.
    pub async fn version(&mut self, class: &str) -> Result<Option<String>, Fault> {
        let answer = call!(self, source.call_version(class), "version").map_err(|error| self.told(error))?;
        self.fits("version", answer.as_deref().map_or(Ok(()), answer::version))?;
        Ok(answer)
    }

    /// A page of a source's records.
    pub async fn read(&mut self, class: &str, from: Option<Vec<u8>>, max: u32) -> Result<Page, Fault> {
        let answer = call!(self, source.call_read(class, from.as_ref(), max), "read");
        self.page(answer, &format!("read {class}"), from.is_none(), max)
    }

    /// Whether it can be read by the fingerprints of its records.
    pub fn tells_fingerprints(&self) -> bool {
        self.life.as_ref().is_ok_and(|live| live.guest.fingerprints.is_some())
    }

    /// Whether it can tell what changed since an earlier read.
    pub fn tells_changes(&self) -> bool {
        self.life.as_ref().is_ok_and(|live| live.guest.changes.is_some())
    }

    /// The fingerprints of a page of a source's records.
    pub async fn fingerprints(&mut self, class: &str, from: Option<Vec<u8>>, max: u32) -> Result<Marks, Fault> {
        let answer = call!(self, fingerprints.call_fingerprints(class, from.as_ref(), max), "fingerprints");
        let given = answer.map_err(|error| self.told(error))?;
        let marks = self.convert(|scrubber| convert::marks(given, scrubber))?;
        let read = format!("fingerprints {class}");
        let sound = answer::marks(&mut self.cursors, &read, from.is_none(), max, &marks);
        self.fits("fingerprints", sound)?;
        Ok(marks)
    }

    /// The records at these places of the page of fingerprints behind the same cursor.
    pub async fn pick(&mut self, class: &str, from: Option<&Vec<u8>>, places: &[u32]) -> Result<Selection, Fault> {
        let answer = call!(self, fingerprints.call_pick(class, from, places), "pick");
        let given = answer.map_err(|error| self.told(error))?;
        let selection = self.convert(|scrubber| convert::selection(given, scrubber))?;
        self.fits("pick", answer::selection(&selection, places.len()))?;
        Ok(selection)
    }

    /// A page of a target's objects, with these attributes.
    pub async fn read_target(
        &mut self,
        class: &str,
        attributes: &[String],
        from: Option<Vec<u8>>,
        max: u32,
    ) -> Result<Page, Fault> {
        let answer = call!(self, target.call_read(class, attributes, from.as_ref(), max), "read");
        self.page(answer, &format!("target read {class}"), from.is_none(), max)
    }

    /// The objects with these ids, in the same order; none where there is no such object.
    pub async fn get(
        &mut self,
        class: &str,
        ids: &[String],
        attributes: &[String],
    ) -> Result<Vec<Option<Object>>, Fault> {
        let answer = call!(self, target.call_get(class, ids, attributes), "get").map_err(|error| self.told(error))?;
        self.fits("get", answer::count(answer.len(), ids.len(), "ids"))?;
        answer.into_iter().map(|given| given.map(|given| self.object("get", given)).transpose()).collect()
    }

    /// The object that stands where a create with these attributes would put one.
    pub async fn find(
        &mut self,
        class: &str,
        create: &Attributes,
        attributes: &[String],
    ) -> Result<Option<Object>, Fault> {
        let create = convert::named(create);
        let answer = call!(self, target.call_find(class, &create, attributes), "find");
        let answer = answer.map_err(|error| self.told(error))?;
        answer.map(|given| self.object("find", given)).transpose()
    }

    /// Carries changes out: one outcome for each, in the same order. A fault whose `sent` is false means that nothing
    /// was carried out; any other, that nobody knows. The first passwords of the accounts that are made are known for as
    /// long as this takes, to the host's side alone.
    pub async fn apply<'c>(
        &mut self,
        changes: impl IntoIterator<Item = &'c Change>,
        passwords: HashMap<u64, Secret>,
    ) -> Result<Vec<Outcome>, Fault> {
        let changes: Vec<_> = changes.into_iter().map(convert::change).collect();
        if let Ok(live) = &mut self.life {
            live.store.data_mut().passwords = Passwords::new(passwords);
        }
        let answer = self.applied(&changes).await;
        if let Ok(live) = &mut self.life {
            live.store.data_mut().passwords = Passwords::default();
        }
        let answer = answer?;
        let answer = match answer {
            Ok(outcomes) => outcomes,
            Err(error) => return Err(self.told_of_write(error)),
        };
        let outcomes: Vec<Outcome> =
            self.convert(|scrubber| answer.into_iter().map(|given| convert::outcome(given, scrubber)).collect())?;
        self.fits("apply", answer::outcomes(&outcomes, changes.len())).map_err(|mut fault| {
            fault.sent = true;
            fault
        })?;
        Ok(outcomes)
    }

    async fn applied(
        &mut self,
        changes: &[guest::target::Change],
    ) -> Result<Result<Vec<guest::target::Outcome>, wit::Error>, Fault> {
        Ok(call!(self, target.call_apply(changes), "apply"))
    }

    /// Ends the writing of a run.
    pub async fn finish(&mut self) -> Result<(), Fault> {
        let answer = call!(self, target.call_finish(), "finish");
        answer.map_err(|error| self.told_of_write(error))
    }

    /// The token that stands for now.
    pub async fn latest(&mut self, class: &str) -> Result<Vec<u8>, Fault> {
        let answer = call!(self, changes.call_latest(class), "latest").map_err(|error| self.told(error))?;
        self.fits("latest", answer::cursor(&answer))?;
        Ok(answer)
    }

    /// What changed since a token; none if the token is too old, and only a full read will do.
    pub async fn changes(&mut self, class: &str, since: Vec<u8>, max: u32) -> Result<Option<Batch>, Fault> {
        let answer = call!(self, changes.call_changes(class, &since, max), "changes");
        let batch = match answer.map_err(|error| self.told(error))? {
            guest::changes::Answer::Batch(batch) => batch,
            guest::changes::Answer::Expired => return Ok(None),
        };
        let (page, gone, next) = self.convert(|scrubber| convert::batch(batch, scrubber))?;
        let sound = answer::page(&mut self.cursors, &format!("changes {class}"), false, max, &page)
            .and_then(|()| answer::gone(&gone))
            .and_then(|()| answer::cursor(&next));
        self.fits("changes", sound)?;
        Ok(Some(Batch { page, gone, next }))
    }

    /// What a register knows of these identity numbers, in the same order; none of a number that it does not know.
    pub async fn look_up(&mut self, numbers: &[String]) -> Result<Vec<Result<Option<Attributes>, Fault>>, Fault> {
        let answer = call!(self, register.call_look_up(numbers), "look-up").map_err(|error| self.told(error))?;
        self.fits("look-up", answer::count(answer.len(), numbers.len(), "numbers"))?;
        let findings: Vec<Result<Option<Attributes>, Fault>> =
            self.convert(|scrubber| answer.into_iter().map(|found| convert::found(found, scrubber)).collect())?;
        let sound = findings.iter().flatten().flatten().try_for_each(answer::attributes);
        self.fits("look-up", sound)?;
        Ok(findings)
    }

    /// The fault that ended this connector's life, if it has ended.
    pub fn broken(&self) -> Option<&Fault> {
        self.life.as_ref().err()
    }

    /// How many times a capability touched a file or left the machine.
    pub fn requests(&self) -> u64 {
        self.life.as_ref().map_or(self.requests, |live| live.store.data().requests())
    }

    fn begin(&mut self) -> Result<&mut Live, Fault> {
        let live = self.life.as_mut().map_err(|fault| fault.clone())?;
        let state = live.store.data_mut();
        state.deadline = Instant::now() + state.limits.call.0;
        state.sent = false;
        live.store.set_epoch_deadline(1);
        Ok(live)
    }

    fn end<T>(&mut self, answer: Result<wasmtime::Result<T>, Elapsed>, name: &str) -> Result<T, Fault> {
        let state = self.life.as_ref().map_err(Fault::clone)?.store.data();
        let call = Call { plugin: &self.name, name };
        let fault = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => call.blame(&error, state),
            Err(_) => call.overdue(state),
        };
        let requests = state.requests();
        self.requests = requests;
        // What is asked of it later was certainly not sent.
        self.life = Err(Fault { sent: false, ..fault.clone() });
        Err(fault)
    }

    /// Turns an answer into the engine's types, with the connector's own scrubber.
    fn convert<T>(&self, turn: impl FnOnce(&Scrubber) -> T) -> Result<T, Fault> {
        self.life.as_ref().map(|live| turn(&live.store.data().scrubber)).map_err(Fault::clone)
    }

    fn told(&self, error: wit::Error) -> Fault {
        match self.convert(|scrubber| convert::fault(error, scrubber)) {
            Ok(fault) | Err(fault) => fault,
        }
    }

    /// An error instead of outcomes says that nothing was carried out; whether that can be, the host knows better.
    fn told_of_write(&self, error: wit::Error) -> Fault {
        let mut fault = self.told(error);
        fault.sent = self.life.as_ref().map_or(true, |live| live.store.data().sent);
        fault
    }

    fn page(
        &mut self,
        answer: Result<wit::Page, wit::Error>,
        read: &str,
        first: bool,
        max: u32,
    ) -> Result<Page, Fault> {
        let given = answer.map_err(|error| self.told(error))?;
        let page = self.convert(|scrubber| convert::page(given, scrubber))?;
        let sound = answer::page(&mut self.cursors, read, first, max, &page);
        self.fits("read", sound)?;
        Ok(page)
    }

    fn object(&self, name: &str, given: wit::Object) -> Result<Object, Fault> {
        let object = convert::object(given)?;
        self.fits(name, answer::object(&object))?;
        Ok(object)
    }

    fn fits(&self, name: &str, sound: Result<(), Wrong>) -> Result<(), Fault> {
        sound.map_err(|wrong| {
            let clean = self.convert(|scrubber| scrubber.clean(&wrong)).unwrap_or_default();
            Call { plugin: &self.name, name }.fault(&clean)
        })
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("name", &self.name).field("broken", &self.broken()).finish_non_exhaustive()
    }
}
