//! Which day a command decides for.

use crate::config::Config;
use crate::error::CliError;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sluss_store::NEVER;

/// The day of something that writes: today, unless the clock is simulated.
pub(super) fn of_run(config: &Config, on: Option<Date>) -> Result<Date, CliError> {
    match on {
        None => Ok(config.today()),
        Some(day) if config.simulated => Ok(day),
        Some(_) => Err(CliError::not_run("--on is for trials: here, the day is today").help(format!(
            "write clock = \"simulated\" in {} if nothing real is connected; `sluss plan --on` shows another day anywhere",
            config.file.display()
        ))),
    }
}

/// The date of a day as the store counts it; none for the day that never comes.
pub(super) fn of_number(day: i32) -> Option<Date> {
    if day == NEVER { None } else { Date::constant(1970, 1, 1).checked_add(day.days()).ok() }
}
