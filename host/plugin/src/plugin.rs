//! A plugin that was loaded: what it is, and how instances of it come to be.
//!
//! A plugin is loaded once and costs little to hold; every connection to a system gets an instance of its own, with its
//! own memory, grants and limits.

use crate::audit::{Audit, Capability, Interfaces};
use crate::blame::Call;
use crate::connector::Connector;
use crate::convert;
use crate::description::Description;
use crate::grants::{Grants, Mode};
use crate::limits::{Limits, Span};
use crate::live::{self, Indices};
use crate::scrub::Scrubber;
use crate::settings::Schema;
use crate::state::State;
use serde_json::Value;
use sluss_engine::fault::{Fault, FaultKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use wasmtime::Engine;
use wasmtime::component::InstancePre;

/// The longest a plugin may take to say what it is.
const DESCRIBE: Span = Span(Duration::from_secs(10));

/// A loaded plugin. Clones share it.
#[derive(Clone)]
pub struct Plugin {
    /// Whether loading it needed a compilation, which no scheduled run should.
    pub compiled_now: bool,
    /// How long it took to load what was compiled.
    pub took: Duration,
    inner: Arc<Inner>,
}

struct Inner {
    digest: String,
    audit: Audit,
    capabilities: Vec<Capability>,
    engine: Engine,
    pre: InstancePre<State>,
    indices: Indices,
    described: OnceCell<Result<Described, Fault>>,
}

struct Described {
    description: Arc<Description>,
    schema: Schema,
    /// Id and version.
    name: Arc<str>,
}

/// What a connector is opened with.
#[derive(Debug, Clone)]
pub struct Open {
    /// The name of the system, as in `[system.NAME]`.
    pub system: String,
    /// What the operator hands the plugin.
    pub settings: Value,
    /// What the operator allows it.
    pub grants: Grants,
    /// How much of the machine it may use.
    pub limits: Limits,
    /// Whether it may write.
    pub mode: Mode,
}

impl Plugin {
    pub(crate) fn new(
        digest: String,
        audit: Audit,
        pre: InstancePre<State>,
        indices: Indices,
        compiled_now: bool,
        took: Duration,
    ) -> Self {
        let capabilities = audit.capabilities.iter().copied().collect();
        let engine = pre.engine().clone();
        let inner = Inner { digest, audit, capabilities, engine, pre, indices, described: OnceCell::new() };
        Plugin { compiled_now, took, inner: Arc::new(inner) }
    }

    /// The SHA-256 of the file, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// The roles it can play.
    pub fn interfaces(&self) -> Interfaces {
        self.inner.audit.interfaces
    }

    /// The capabilities that it imports.
    pub fn capabilities(&self) -> &[Capability] {
        &self.inner.capabilities
    }

    /// The version of the contract that it was built for.
    pub fn contract(&self) -> &str {
        &self.inner.audit.contract
    }

    /// What the plugin says of itself. It is asked once, without any grant.
    pub async fn describe(&self) -> Result<Description, Fault> {
        self.described().await.map(|described| Description::clone(&described.description))
    }

    /// Everything that stands against opening a connector like this, all at once: settings that do not fit the schema,
    /// and connections that it wants and is not granted.
    pub async fn review(&self, open: &Open) -> Result<Vec<Fault>, Fault> {
        let described = self.described().await?;
        let mut faults: Vec<Fault> = described
            .schema
            .check(&open.settings)
            .into_iter()
            .map(|wrong| {
                let mut fault = Fault::new(FaultKind::Config, format!("settings of {}: {wrong}", open.system));
                fault.message = Scrubber::default().clean(&fault.message);
                fault.attribute = Some(wrong.path);
                fault
            })
            .collect();
        for want in &described.description.connections {
            for name in names(open.settings.get(&want.setting)) {
                if let Err(fault) = open.grants.judge(&open.system, name, want.kind, want.access) {
                    faults.push(fault);
                }
            }
        }
        Ok(faults)
    }

    /// Opens a connector: checks settings and grants, makes an instance, and hands it the settings.
    pub async fn open(&self, open: Open) -> Result<Connector, Fault> {
        let described = self.described().await?;
        let mut faults = self.review(&open).await?.into_iter();
        if let Some(mut first) = faults.next() {
            for further in faults {
                first.message = format!("{}\n{}", first.message, further.message);
            }
            return Err(first);
        }
        let Open { system, settings, grants, limits, mode } = open;
        let state = State::new(&system, &described.name, grants, limits, mode);
        let mut connector = self.connector(state, Arc::clone(&described.name)).await?;
        connector.configure(&settings.to_string()).await?;
        Ok(connector)
    }

    async fn connector(&self, state: State, name: Arc<str>) -> Result<Connector, Fault> {
        let span = state.limits.call.0;
        let mut store = live::store(&self.inner.engine, state);
        let instance = live::instantiate(&mut store, &self.inner.pre, &self.inner.indices);
        let made = timeout(span, instance).await;
        let call = Call { plugin: &name, name: "its start" };
        match made {
            Ok(Ok(guest)) => Ok(Connector::new(store, guest, name)),
            Ok(Err(error)) => Err(call.blame(&error, store.data())),
            Err(_) => Err(call.overdue(store.data())),
        }
    }

    async fn described(&self) -> Result<&Described, Fault> {
        self.inner.described.get_or_init(|| self.ask()).await.as_ref().map_err(Fault::clone)
    }

    async fn ask(&self) -> Result<Described, Fault> {
        let name: Arc<str> = format!("sha256:{}", &self.inner.digest[..12]).into();
        let limits = Limits { call: DESCRIBE, ..Limits::default() };
        let state = State::new("plugin", &name, Grants::default(), limits, Mode::Preview);
        let mut connector = self.connector(state, Arc::clone(&name)).await?;
        let given = connector.describe().await?;
        let call = Call { plugin: &name, name: "describe" };
        let description = convert::description(given, &Scrubber::default()).map_err(|wrong| call.fault(&wrong))?;
        let name: Arc<str> = format!("{} {}", description.id, description.version).into();
        let call = Call { plugin: &name, name: "describe" };
        let schema = Schema::new(&description.settings_schema)
            .map_err(|error| call.fault(&Scrubber::default().clean(&error.to_string())))?;
        Ok(Described { description: Arc::new(description), schema, name })
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("digest", &self.inner.digest).field("audit", &self.inner.audit).finish()
    }
}

/// A setting names one connection, or several, or, left out, none.
fn names(setting: Option<&Value>) -> Vec<&str> {
    match setting {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
