//! Says in plain words why a call to a connector ended badly.
//!
//! The runtime speaks of traps and fuel; an operator wants to know which plugin it was, what it was doing, and what it
//! did wrong, with the last words of the plugin itself.

use crate::limiter::Overrun;
use crate::limits::Limits;
use crate::state::State;
use sluss_engine::fault::{Fault, FaultKind};
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

/// Who was called, for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// Plugin and version.
    pub(crate) plugin: &'a str,
    /// The contract's function.
    pub(crate) name: &'a str,
}

impl Call<'_> {
    /// A fault of the plugin in this call.
    pub(crate) fn fault(&self, cause: &str) -> Fault {
        Fault::new(FaultKind::Internal, format!("plugin {} in {}: {cause}", self.plugin, self.name))
    }

    /// The fault for a call that the runtime ended, with whatever the plugin said last.
    pub(crate) fn blame(&self, error: &wasmtime::Error, state: &State) -> Fault {
        let mut cause = cause(error, &state.limits);
        let last_words = state.scrubber.clean(&state.stderr.take());
        if !last_words.is_empty() {
            cause = format!("{cause}; it said: {last_words}");
        }
        let mut fault = self.fault(&state.scrubber.clean(&cause));
        fault.sent = state.sent;
        fault
    }

    /// The fault for a call that the clock ended.
    pub(crate) fn overdue(&self, state: &State) -> Fault {
        self.blame(&Overrun::Time(state.limits.call).into(), state)
    }
}

fn cause(error: &wasmtime::Error, limits: &Limits) -> String {
    if let Some(overrun) = error.downcast_ref::<Overrun>() {
        return overrun.to_string();
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return format!("ended itself with exit code {}", exit.0);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => return "recursed too deep".to_owned(),
        // A compiled language keeps its own stack in memory, and runs out of the bottom of it.
        Some(Trap::MemoryOutOfBounds) => return "trapped: reached outside its memory, or recursed too deep".to_owned(),
        Some(Trap::UnreachableCodeReached) => return "trapped: it gave up (panic or abort)".to_owned(),
        Some(Trap::CannotEnterComponent) => return "cannot go on, since an earlier call was cut off".to_owned(),
        Some(trap) => return format!("trapped: {trap}"),
        None => {}
    }
    // The runtime has no public type for this one.
    let root = error.root_cause().to_string();
    if root.contains("fuel allocated for hostcalls") {
        return format!("returned more than {} at once", limits.transfer);
    }
    format!("failed: {root}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_in_plain_words() {
        let limits = Limits::default();
        for (error, words) in [
            (wasmtime::Error::from(Trap::StackOverflow), "recursed too deep"),
            (Overrun::Time(limits.call).into(), "ran longer than 60 s"),
            (Overrun::Memory(limits.memory).into(), "wanted more than 256 MiB of memory"),
            (wasmtime::Error::from(I32Exit(3)).context("in the plugin"), "ended itself with exit code 3"),
            (Trap::IntegerDivisionByZero.into(), "trapped: wasm trap: integer divide by zero"),
            (wasmtime::Error::msg("inner").context("outer"), "failed: inner"),
        ] {
            assert_eq!(cause(&error, &limits), words);
        }
    }
}
