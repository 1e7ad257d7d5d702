//! `explain`: what somebody or something has, why, and what comes next.

use super::run::policy_of;
use super::status::state;
use crate::config::Config;
use crate::error::CliError;
use crate::explain::{Question, explain as ask};
use crate::output::{Screen, explanation};

/// Explains whatever is asked about.
pub(super) fn explain(config: &Config, screen: &Screen, question: &Question<'_>) -> Result<u8, CliError> {
    // Without a state there is nobody to explain, and none shall be made by asking.
    state(config)?;
    let policy = policy_of(&config.policy)?;
    let explanation = ask(config, &policy, question)?;
    screen.result(&explanation, |explained| explanation::text(explained, screen.verbose))?;
    Ok(0)
}
