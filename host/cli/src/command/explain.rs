//! `explain`: what somebody or something has, why, and what comes next.

use super::run::policy_of;
use super::status::state;
use crate::config::Config;
use crate::error::CliError;
use crate::explain::explain as ask;
use crate::output::{Screen, explanation};
use jiff::civil::Date;

/// Explains whatever `who` names, on a day.
pub(super) fn explain(config: &Config, screen: &Screen, who: &str, on: Option<Date>) -> Result<u8, CliError> {
    // Without a state there is nobody to explain, and none shall be made by asking.
    state(config)?;
    let policy = policy_of(&config.policy)?;
    let explanation = ask(config, &policy, who, on.unwrap_or_else(|| config.today()))?;
    screen.result(&explanation, |explained| explanation::text(explained, screen.verbose))?;
    Ok(0)
}
