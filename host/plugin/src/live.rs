//! One instance of a component with its store, bound interface by interface.
//!
//! A store is thrown away with everything in it as soon as something went wrong, so all that belongs to one instance
//! is held together here.

use crate::bindings::guest::{changes, connector, fingerprints, register, source, target};
use crate::state::State;
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Engine, Store, UpdateDeadline};

/// Which of the contract's interfaces a component exports, and where.
pub(crate) struct Indices {
    connector: connector::GuestIndices,
    source: Option<source::GuestIndices>,
    fingerprints: Option<fingerprints::GuestIndices>,
    changes: Option<changes::GuestIndices>,
    register: Option<register::GuestIndices>,
    target: Option<target::GuestIndices>,
}

impl Indices {
    /// Looks the interfaces up. What the audit found must be there whole.
    pub(crate) fn new(pre: &InstancePre<State>, found: crate::audit::Interfaces) -> wasmtime::Result<Self> {
        Ok(Indices {
            connector: connector::GuestIndices::new(pre)?,
            source: found.source.then(|| source::GuestIndices::new(pre)).transpose()?,
            fingerprints: found.fingerprints.then(|| fingerprints::GuestIndices::new(pre)).transpose()?,
            changes: found.changes.then(|| changes::GuestIndices::new(pre)).transpose()?,
            register: found.register.then(|| register::GuestIndices::new(pre)).transpose()?,
            target: found.target.then(|| target::GuestIndices::new(pre)).transpose()?,
        })
    }

    fn bind(&self, store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<Guest> {
        Ok(Guest {
            connector: Some(self.connector.load(&mut *store, instance)?),
            source: self.source.as_ref().map(|indices| indices.load(&mut *store, instance)).transpose()?,
            fingerprints: self.fingerprints.as_ref().map(|indices| indices.load(&mut *store, instance)).transpose()?,
            changes: self.changes.as_ref().map(|indices| indices.load(&mut *store, instance)).transpose()?,
            register: self.register.as_ref().map(|indices| indices.load(&mut *store, instance)).transpose()?,
            target: self.target.as_ref().map(|indices| indices.load(&mut *store, instance)).transpose()?,
        })
    }
}

/// The functions of an instance.
pub(crate) struct Guest {
    pub(crate) connector: Option<connector::Guest>,
    pub(crate) source: Option<source::Guest>,
    pub(crate) fingerprints: Option<fingerprints::Guest>,
    pub(crate) changes: Option<changes::Guest>,
    pub(crate) register: Option<register::Guest>,
    pub(crate) target: Option<target::Guest>,
}

/// An empty store under the limits of its state.
pub(crate) fn store(engine: &Engine, state: State) -> Store<State> {
    let (transfer, handles) = (state.limits.transfer.bytes(), state.limits.handles);
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(transfer);
    store.set_max_component_handles(handles);
    store.epoch_deadline_callback(|context| {
        context.data().in_time()?;
        Ok(UpdateDeadline::Yield(1))
    });
    store.set_epoch_deadline(1);
    store
}

/// Makes the instance. This may already run code of the plugin.
pub(crate) async fn instantiate(
    store: &mut Store<State>,
    pre: &InstancePre<State>,
    indices: &Indices,
) -> wasmtime::Result<Guest> {
    let instance = pre.instantiate_async(&mut *store).await?;
    indices.bind(store, &instance)
}
