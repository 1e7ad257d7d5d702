//! What an operator says about the records of every roster.

use sluss_sdk::CheckResult;

/// What is given of what was read.
#[derive(Debug, Clone, Default)]
pub struct Giving {
    /// The organisation that units and engagements belong to.
    pub organisation: String,
    /// Whether the school's staff is given too.
    pub staff: bool,
    /// Whether addresses are given.
    pub addresses: bool,
    /// Whether everybody is unprotected, since the system has nobody who is not.
    pub unmarked_is_unprotected: bool,
}

impl Giving {
    /// What an operator should know of it.
    pub fn check(&self) -> Option<CheckResult> {
        (!self.unmarked_is_unprotected).then(|| {
            let message = "Nothing is said here of whose identity is protected, so everybody counts as protected until \
                           another source or a register says otherwise. If whoever is protected is not told of here, \
                           say so with unmarked-is-unprotected = true";
            CheckResult::warning("protection", message)
        })
    }
}
