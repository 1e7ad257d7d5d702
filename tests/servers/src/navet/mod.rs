//! The population register, as far as it is publicly known: the SOAP service, the REST service, and where tokens come
//! from.
//!
//! It demands what the real one demands, a client certificate of its authority, a token and the gateway's keys, and fails
//! in every way that a test asks for. Skatteverket's own test service may not be called by tests.

mod answer;
pub mod mood;
pub mod people;
pub mod write;

use crate::certificate::{Authority, Identity};
use crate::https::Https;
use answer::{Gate, State};
use anyhow::Result;
pub use mood::Mood;
pub use people::Person;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The organisation number that Skatteverket publishes for tests.
pub const ORGANISATION: &str = "162021004748";
/// The order, with protected persons, that goes with it.
pub const ORDER: &str = "00000236-FO01-0002";
/// Who asks for tokens.
pub const CLIENT: (&str, &str) = ("sluss-test", "client-s3cret");
/// The keys of the gateway: a name and a secret.
pub const GATEWAY: (&str, &str) = ("gateway-name", "gateway-s3cret");
/// What a token has to be good for.
pub const SCOPE: &str = "fbfuppgoffakt";

/// What the register saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// For how many persons each call of a service asked, in order.
    pub calls: Vec<usize>,
    /// Every number that was asked about.
    pub numbers: Vec<String>,
    /// How many tokens it gave out.
    pub tokens: usize,
    /// The correlation ids of the calls of the REST service.
    pub correlations: Vec<String>,
}

/// The register.
pub struct Navet {
    authority: PathBuf,
    client: Identity,
    soap: Https,
    rest: Https,
    token: Https,
    state: Arc<Mutex<State>>,
}

impl Navet {
    /// Starts it. Its certificates, and one for a client, are made in the folder.
    pub async fn start(folder: &Path) -> Result<Navet> {
        let authority = Authority::new(folder)?;
        let identity = authority.server(&["localhost"])?;
        let client = authority.client("organisation")?;
        let authority = authority.certificate();
        let state = Arc::new(Mutex::new(State::new()));
        let gate = |gate: Gate| {
            let state = Arc::clone(&state);
            move |question| answer::answer(Arc::clone(&state), gate, question)
        };
        let soap = Https::start(&identity, Some(&authority), gate(Gate::Soap)).await?;
        let rest = Https::start(&identity, None, gate(Gate::Rest)).await?;
        let token = Https::start(&identity, Some(&authority), gate(Gate::Token)).await?;
        Ok(Navet { authority, client, soap, rest, token, state })
    }

    /// The authority that signed its certificates.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// A client's certificate that it accepts.
    pub fn client(&self) -> &Identity {
        &self.client
    }

    /// The address of the SOAP service.
    pub fn soap(&self) -> String {
        format!("https://localhost:{}/na/na_epersondata/V4", self.soap.port())
    }

    /// The address of the REST service.
    pub fn rest(&self) -> String {
        let port = self.rest.port();
        format!("https://localhost:{port}/folkbokforing/folkbokforingsuppgifter-for-offentliga-aktorer/v3")
    }

    /// Where tokens come from.
    pub fn token(&self) -> String {
        format!("https://localhost:{}/oauth2/v1/sysorg/token", self.token.port())
    }

    /// What it does with the next questions; then it answers well again.
    pub fn next(&self, moods: impl IntoIterator<Item = Mood>) {
        self.state().moods.extend(moods);
    }

    /// Makes it know somebody more, or somebody otherwise.
    pub fn know(&self, person: Person) {
        self.state().people.insert(person.number.clone(), person);
    }

    /// Makes it refuse every question in which this number is.
    pub fn refuse(&self, number: &str) {
        self.state().refused.insert(number.to_owned());
    }

    /// Makes it say plainly where there is no protection, which it does not do by itself.
    pub fn speaks_plainly(&self) {
        self.state().plain = true;
    }

    /// What it saw since the last time somebody asked.
    pub fn seen(&self) -> Seen {
        let mut state = self.state();
        state.moods.clear();
        std::mem::take(&mut state.seen)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
