//! One system: what it is opened with, and the connector once somebody used it.

use super::fit;
use super::sound::Sound;
use super::workshop::Workshop;
use crate::config::{Config, PluginSource, Role, SystemConfig};
use crate::error::{CliError, FileFault};
use serde_json::json;
use sluss_engine::fault::{Fault, FaultKind};
use sluss_engine::policy::Policy;
use sluss_plugin::{Capability, Connector, Description, Grants, Mode, Open, Plugin, sha256};
use std::rc::Rc;
use std::time::Duration;

/// One system.
#[derive(Debug)]
pub struct System {
    /// What the operator calls it.
    pub name: String,
    /// What it is for us.
    pub role: Role,
    /// Who reads it: the digest of the plugin and its settings. What another one read cannot be compared.
    pub reader: String,
    source: PluginSource,
    digest: String,
    open: Open,
    sound: Sound,
    workshop: Rc<Workshop>,
    plugin: Option<Plugin>,
    description: Option<Description>,
    connector: Option<Connector>,
    /// The requests of connectors that were let go of.
    requests: u64,
}

impl System {
    /// A system that is loaded when it is first used.
    pub fn new(config: &Config, wanted: &SystemConfig, mode: Mode, workshop: Rc<Workshop>) -> Result<Self, CliError> {
        let digest = workshop.digest(&wanted.plugin)?;
        let settings = wanted.settings.value.clone();
        let granted = |name: &String| Some((name.clone(), config.connections.get(name)?.clone()));
        let grants: Grants = wanted.grants.iter().filter_map(granted).collect();
        let open = Open { system: wanted.name.clone(), settings, grants, limits: wanted.limits.clone(), mode };
        Ok(System {
            name: wanted.name.clone(),
            role: wanted.role,
            reader: sha256(json!([digest, open.settings]).to_string().as_bytes()),
            source: wanted.plugin.clone(),
            sound: Sound::read(config.state.parent().unwrap_or(&config.cache), &wanted.name),
            digest,
            open,
            workshop,
            plugin: None,
            description: None,
            connector: None,
            requests: 0,
        })
    }

    /// Whether it has records or objects of the class.
    pub fn reads(&self, class: &str) -> bool {
        match &self.description {
            Some(description) => description.class(class).is_some(),
            None => self.sound.classes.iter().any(|known| known == class),
        }
    }

    /// The most changes that it takes in one batch.
    pub fn max_batch(&self) -> u32 {
        self.description.as_ref().map_or(self.sound.max_batch, |description| description.max_batch)
    }

    /// The longest that a call may take.
    pub fn call(&self) -> Duration {
        self.open.limits.call.0
    }

    /// Whether somebody used it.
    pub fn is_open(&self) -> bool {
        self.connector.is_some()
    }

    /// Where it writes to: what is known of the objects of one place says nothing of another.
    pub fn place(&self) -> String {
        let connections: Vec<_> =
            self.open.grants.connections().map(|(name, connection)| json!([name, connection.place()])).collect();
        sha256(json!([self.open.settings, connections]).to_string().as_bytes())
    }

    /// Whether its plugin sets first passwords. One that cannot be loaded sets none; whoever opens it hears why.
    pub fn sets_passwords(&mut self) -> bool {
        self.load().is_ok_and(|plugin| plugin.capabilities().contains(&Capability::Passwords))
    }

    /// How many times it touched a file or left the machine.
    pub fn requests(&self) -> u64 {
        self.requests + self.connector.as_ref().map_or(0, Connector::requests)
    }

    /// Lets go of the connector with all that it holds in memory. Another is opened if it is used again.
    pub fn close(&mut self) {
        self.requests = self.requests();
        self.connector = None;
    }

    /// The connector; opened if this is its first use.
    pub async fn connector(&mut self) -> Result<&mut Connector, Fault> {
        let connector = match self.connector.take() {
            Some(connector) => connector,
            None => {
                let plugin = self.load().map_err(|error| Fault::new(FaultKind::Config, error.message))?;
                plugin.open(self.open.clone()).await?
            }
        };
        Ok(self.connector.insert(connector))
    }

    /// The connector, for somebody to hold while others look at the system. It is to be given back.
    pub async fn take(&mut self) -> Result<Connector, Fault> {
        self.connector().await?;
        self.connector.take().ok_or_else(|| Fault::new(FaultKind::Internal, "the connector is in use"))
    }

    /// Takes the connector back.
    pub fn give_back(&mut self, connector: Connector) {
        self.connector = Some(connector);
    }

    /// What the plugin says of itself; none until it was examined.
    pub fn description(&self) -> Option<&Description> {
        self.description.as_ref()
    }

    /// What the plugin says of itself; asked now if it was not examined in this run.
    pub async fn described(&mut self) -> Result<&Description, Fault> {
        let description = match self.description.take() {
            Some(description) => description,
            None => {
                let plugin = self.load().map_err(|error| Fault::new(FaultKind::Config, error.message))?;
                plugin.describe().await?
            }
        };
        Ok(self.description.insert(description))
    }

    /// Everything that stands against using it, by this policy or by any.
    pub async fn examine(
        &mut self,
        wanted: &SystemConfig,
        policy: Option<&Policy>,
    ) -> Result<Vec<FileFault>, CliError> {
        let at_plugin = |message: String| {
            let (place, text) = wanted.place.clone();
            vec![FileFault { place, text, message, help: None }]
        };
        let plugin = match self.load() {
            Ok(plugin) => plugin,
            Err(error) => return Ok(at_plugin(format!("the plugin of {}: {error}", self.name))),
        };
        let description = match plugin.describe().await {
            Ok(description) => description,
            Err(fault) => return Ok(at_plugin(fault.message)),
        };
        if let Err(error) = self.workshop.verify(&self.source, &plugin, &description) {
            return Ok(at_plugin(error.message));
        }
        self.description = Some(description.clone());
        let interfaces = plugin.interfaces();
        let plays = match self.role {
            Role::Source => interfaces.source,
            Role::Register => interfaces.register,
            Role::Target => interfaces.target,
        };
        if !plays {
            return Ok(at_plugin(format!("the plugin {} cannot be a {}", description.id, self.role)));
        }
        let mut faults: Vec<FileFault> = match plugin.review(&self.open).await {
            Ok(faults) => faults.into_iter().map(|fault| fit::setting(wanted, fault)).collect(),
            Err(fault) => at_plugin(fault.message),
        };
        if let Some(policy) = policy.filter(|_| self.role == Role::Target) {
            faults.extend(fit::policy(policy, &self.name, &description));
        }
        if faults.is_empty()
            && let Err(fault) = self.connector().await
        {
            faults.push(fit::setting(wanted, fault));
        }
        if self.role == Role::Target {
            // A target that nobody uses in this run shall not look as if somebody had.
            self.connector = None;
        }
        Ok(faults)
    }

    /// Whether it was examined before just as it is now, by the same policy, and found sound.
    pub fn is_sound(&self, policy: &Policy) -> bool {
        self.sound.is(&self.key(policy))
    }

    /// Remembers that it was found sound.
    pub fn is_found_sound(&mut self, policy: &Policy) {
        let classes = self.description.iter().flat_map(|description| &description.classes);
        let classes = classes.map(|class| class.name.clone()).collect();
        self.sound.is_now(self.key(policy), self.max_batch(), classes);
    }

    /// Everything that its soundness depends on.
    fn key(&self, policy: &Policy) -> String {
        let grants: Vec<_> = self
            .open
            .grants
            .connections()
            .map(|(name, connection)| json!([name, connection.kind(), connection.access()]))
            .collect();
        let pins: Vec<_> = match self.source {
            PluginSource::Bundled(_) => Vec::new(),
            PluginSource::File(_) => self.workshop.pins().pins().collect(),
        };
        let key = json!([
            env!("CARGO_PKG_VERSION"),
            self.reader,
            self.role.to_string(),
            grants,
            self.open.limits,
            pins,
            policy.digest,
        ]);
        sha256(key.to_string().as_bytes())
    }

    fn load(&mut self) -> Result<Plugin, CliError> {
        if let Some(plugin) = &self.plugin {
            return Ok(plugin.clone());
        }
        let plugin = self.workshop.load(&self.source, &self.digest)?;
        Ok(self.plugin.insert(plugin).clone())
    }
}
