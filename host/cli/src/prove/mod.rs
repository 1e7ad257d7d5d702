//! Holds a plugin to the contract as only its answers can show it, by reading: what the types of the contract do not say,
//! and what a run silently relies on. For vendors, before they publish; for operators, before they believe.

mod class;
mod register;
mod source;
mod target;

use crate::config::Role;
use sluss_engine::fault::{Fault, FaultKind};
use sluss_plugin::description::{Finding, Severity};
use sluss_plugin::{Connector, Description};

/// What was found, in the order in which it was looked at.
#[derive(Debug, Default)]
pub struct Proof(Vec<Finding>);

/// What ends a proof before its end: the connector cannot be asked any more. It is noted already.
struct Ended;

/// Asks the system in every way in which it can be read.
pub async fn prove(connector: &mut Connector, role: Role, description: &Description) -> Vec<Finding> {
    let mut proof = Proof::default();
    let outcome = match role {
        Role::Source => source::source(connector, description, &mut proof).await,
        Role::Register => register::register(connector, description, &mut proof).await,
        Role::Target => target::target(connector, description, &mut proof).await,
    };
    if outcome.is_ok() {
        proof.holds(
            "to the end",
            connector.broken().map_or(Ok("it answers still".to_owned()), |fault| Err(told(fault))),
        );
    }
    proof.0
}

impl Proof {
    /// Notes whether something is as it should be: in words, or what is wrong with it.
    fn holds(&mut self, name: &str, outcome: Result<String, String>) {
        let (severity, message) = match outcome {
            Ok(message) => (Severity::Info, message),
            Err(message) => (Severity::Failure, message),
        };
        self.0.push(Finding { name: name.to_owned(), severity, message });
    }

    /// An answer, or the note that there is none.
    fn answered<T>(&mut self, name: &str, answer: Result<T, Fault>) -> Result<T, Ended> {
        answer.map_err(|fault| {
            self.holds(name, Err(told(&fault)));
            Ended
        })
    }

    /// Notes that a senseless question was refused. A connector that fell over it cannot be asked on.
    fn refuses<T>(&mut self, name: &str, answer: &Result<T, Fault>, taken: &str) -> Result<(), Ended> {
        match answer {
            Err(fault) if fault.kind == FaultKind::Internal => {
                self.holds(name, Err(told(fault)));
                return Err(Ended);
            }
            Err(fault) => self.holds(name, Ok(format!("refused: {}", fault.message))),
            Ok(_) => self.holds(name, Err(taken.to_owned())),
        }
        Ok(())
    }
}

/// A fault in words, with its kind.
fn told(fault: &Fault) -> String {
    let kind = format!("{:?}", fault.kind).to_lowercase();
    format!("{} ({kind})", fault.message)
}
