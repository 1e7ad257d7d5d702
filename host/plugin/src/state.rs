//! What one connector has at hand while it runs: its grants, its open connections, and an account of what it did.
//!
//! This is what the runtime hands to every capability. Whatever a plugin asks for passes `admit`, and whatever it writes
//! is noted before it is done, so that after a crash the host knows whether anything may have happened.

use crate::capability::files::Folder;
use crate::capability::http::{Body, Http};
use crate::capability::ldap::Ldap;
use crate::capability::log::Log;
use crate::capability::passwords::Passwords;
use crate::description::{Access, ConnectionKind};
use crate::grants::{Connection, Grants, Mode};
use crate::limiter::{Limiter, Overrun};
use crate::limits::Limits;
use crate::scrub::Scrubber;
use crate::wasi::{self, Tail};
use sluss_engine::fault::{Fault, FaultKind};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The state of one store.
pub(crate) struct State {
    pub(crate) limiter: Limiter,
    pub(crate) limits: Limits,
    pub(crate) scrubber: Scrubber,
    pub(crate) log: Log,
    pub(crate) stderr: Tail,
    /// When the call under way must be over.
    pub(crate) deadline: Instant,
    /// How many capability calls touched a file.
    pub(crate) files: u64,
    /// Whether the call under way may have written anything.
    pub(crate) sent: bool,
    pub(crate) folders: HashMap<String, Arc<Folder>>,
    pub(crate) directories: HashMap<String, Arc<Ldap>>,
    pub(crate) services: HashMap<String, Arc<Http>>,
    /// The bodies of answers that are taken piece by piece.
    pub(crate) bodies: HashMap<u32, Body>,
    /// The number of the last one.
    pub(crate) last_body: u32,
    /// The first passwords of the batch that is being applied.
    pub(crate) passwords: Passwords,
    system: String,
    mode: Mode,
    grants: Grants,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl State {
    pub(crate) fn new(system: &str, plugin: &str, grants: Grants, limits: Limits, mode: Mode) -> Self {
        let (wasi, stderr) = wasi::context();
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles);
        State {
            limiter: Limiter::new(&limits),
            log: Log::new(system, plugin, &limits),
            scrubber: Scrubber::new(grants.secrets()),
            stderr,
            deadline: Instant::now() + limits.call.0,
            files: 0,
            sent: false,
            folders: HashMap::new(),
            directories: HashMap::new(),
            services: HashMap::new(),
            bodies: HashMap::new(),
            last_body: 0,
            passwords: Passwords::default(),
            system: system.to_owned(),
            mode,
            grants,
            limits,
            wasi,
            table,
        }
    }

    /// May the connector do this now? If so, here is the connection.
    pub(crate) fn admit(&self, name: &str, kind: ConnectionKind, access: Access) -> Result<&Connection, Fault> {
        if access == Access::Write && self.mode == Mode::Preview {
            return Err(Fault::new(FaultKind::Permission, "preview: nothing is written"));
        }
        self.grants.judge(&self.system, name, kind, access)
    }

    /// How many requests touched a file or left the machine.
    pub(crate) fn requests(&self) -> u64 {
        let directories: u64 = self.directories.values().map(|directory| directory.requests()).sum();
        let services: u64 = self.services.values().map(|service| service.requests()).sum();
        self.files + directories + services
    }

    /// Notes that something may be written.
    pub(crate) fn starts(&mut self, access: Access) -> Started {
        let before = self.sent;
        self.sent |= access == Access::Write;
        Started { before }
    }

    /// Takes the note back if it turned out that nothing was written.
    pub(crate) fn ended<T>(&mut self, started: Started, result: Result<T, Fault>) -> Result<T, Fault> {
        if let Err(fault) = &result
            && !fault.sent
        {
            self.sent = started.before;
        }
        result
    }

    /// Asked every few milliseconds while the connector computes.
    pub(crate) fn in_time(&self) -> Result<(), Overrun> {
        if Instant::now() < self.deadline { Ok(()) } else { Err(Overrun::Time(self.limits.call)) }
    }
}

/// What was written before a request started.
pub(crate) struct Started {
    before: bool,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::capability::files::FilesConfig;

    fn state(mode: Mode) -> State {
        let folder = Connection::Files(FilesConfig { path: "/x".into(), access: Access::Write });
        State::new("ldif", "ldif 1.0.0", Grants::from_iter([("out".to_owned(), folder)]), Limits::default(), mode)
    }

    #[test]
    fn a_preview_refuses_writes_even_where_they_are_granted() {
        let fault = state(Mode::Preview).admit("out", ConnectionKind::Files, Access::Write).unwrap_err();
        assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Permission, "preview: nothing is written"));
        assert!(state(Mode::Preview).admit("out", ConnectionKind::Files, Access::Read).is_ok());
        assert!(state(Mode::Commit).admit("out", ConnectionKind::Files, Access::Write).is_ok());
    }

    #[test]
    fn a_write_is_noted_until_it_is_known_that_nothing_was_sent() {
        let mut state = state(Mode::Commit);
        let started = state.starts(Access::Read);
        assert!(!state.sent);
        _ = state.ended::<()>(started, Err(Fault::new(FaultKind::NotFound, "x")));
        let started = state.starts(Access::Write);
        assert!(state.sent);
        _ = state.ended::<()>(started, Err(Fault::new(FaultKind::Unavailable, "not connected")));
        assert!(!state.sent);
        let started = state.starts(Access::Write);
        _ = state.ended(started, Ok(()));
        let started = state.starts(Access::Write);
        _ = state.ended::<()>(started, Err(Fault::new(FaultKind::Unavailable, "not connected")));
        assert!(state.sent);
    }
}
