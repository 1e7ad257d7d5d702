//! The systems of a configuration, ready for a run: each opens itself when it is first used, so that a run that has
//! nothing to say to a system does not even load its plugin.
//!
//! Nothing here contacts a system. What an operator set up wrongly is found before the run begins, and once it was found
//! to be right, that is remembered until something about it changes.

mod beside;
mod fit;
mod sound;
mod system;
mod workshop;
mod yard;

pub use beside::beside;
pub use fit::strangers;
pub use system::System;
pub use workshop::Workshop;
pub use yard::Yard;

use crate::config::{Config, Role};
use crate::error::CliError;
use crate::output::Progress;
use sluss_engine::policy::Policy;
use sluss_plugin::Mode;
use std::rc::Rc;
use std::sync::Arc;

/// Every system, by its role, in the order of the configuration.
#[derive(Debug, Default)]
pub struct Systems {
    /// Those that are read.
    pub sources: Vec<System>,
    /// Those that are asked who somebody is.
    pub registers: Vec<System>,
    /// Those that are written to.
    pub targets: Vec<System>,
}

/// Makes every system ready for a run by this policy, or gives everything that stands against it, all at once.
pub async fn open(
    config: &Config,
    policy: &Policy,
    mode: Mode,
    yard: Arc<Yard>,
    progress: &Progress,
) -> Result<Systems, CliError> {
    let workshop = Rc::new(Workshop::new(config, yard)?);
    let mut faults = strangers(policy, config);
    let mut systems = Systems::default();
    for wanted in &config.systems {
        let mut system = System::new(config, wanted, mode, Rc::clone(&workshop))?;
        if !system.is_sound(policy) {
            progress.stage(&format!("loading {}", wanted.name), None);
            let found = system.examine(wanted, Some(policy)).await?;
            if found.is_empty() && mode == Mode::Commit {
                system.is_found_sound(policy);
            }
            faults.extend(found);
        }
        match system.role {
            Role::Source => systems.sources.push(system),
            Role::Register => systems.registers.push(system),
            Role::Target => systems.targets.push(system),
        }
    }
    progress.finish();
    if faults.is_empty() { Ok(systems) } else { Err(CliError::faults(faults)) }
}
