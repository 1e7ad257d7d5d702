//! Having Extens export: start, wait, download.
//!
//! How long an export takes depends on the school year and the hour. A call of the host may not take so long, so a read
//! begins with pages without records until the export is there, or was given up.

use crate::gather::{Gather, Terms};
use crate::service::{Service, accepted};
use crate::settings::Settings;
use crate::{answer, export};
use sluss_roster::{Snapshot, Supply, fault};
use sluss_sdk::{CheckResult, Error, ErrorKind};
use std::time::{Duration, SystemTime};

/// How long is waited before it is asked again, the first time and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// After so many questions in a row without an answer the export is given up.
const MOST_SILENT: u32 = 3;

/// The service, with all that is needed to ask it.
pub struct Job<S> {
    service: S,
    terms: Terms,
    deadline: Duration,
    under_way: Option<UnderWay>,
}

/// An export that was started.
struct UnderWay {
    key: String,
    begun: SystemTime,
    pause: Duration,
    silent: u32,
}

impl<S: Service> Job<S> {
    /// A service that was not asked yet.
    pub fn new(service: S, terms: Terms, settings: &Settings) -> Self {
        let deadline = Duration::from_secs(60 * u64::from(settings.deadline.max(1)));
        Job { service, terms, deadline, under_way: None }
    }

    /// What is right and wrong with the service.
    pub fn check(&self) -> CheckResult {
        match self.service.knock() {
            Ok(response) if matches!(response.status, 401 | 403 | 500..) => match accepted(response) {
                Err(error) => CheckResult::failure("service", error.message),
                Ok(_) => CheckResult::info("service", "It answers"),
            },
            Ok(_) => CheckResult::info(
                "service",
                "It answers. Whether it accepts the key and the customer shows when an export is started",
            ),
            Err(error) => CheckResult::failure("service", error.message),
        }
    }

    fn start(&self) -> Result<UnderWay, Error> {
        let key = answer::key(&accepted(self.service.start()?)?)?;
        Ok(UnderWay { key, begun: self.service.now(), pause: PAUSES.0, silent: 0 })
    }

    /// Whether the export is ready; how long to wait at least where it says so.
    fn is_ready(&self, key: &str) -> Result<bool, Error> {
        answer::is_ready(&accepted(self.service.status(key)?)?)
    }

    fn download(&self, key: &str) -> Result<Snapshot, Error> {
        let (response, body) = self.service.download(key)?;
        accepted(response)?;
        let mut gather = Gather::new(&self.terms);
        export::read(body, |item| gather.take(item)).map_err(|halt| fault::of_document("The export", halt))?;
        Ok(Snapshot { roster: gather.finish(), incomplete: None })
    }
}

impl<S: Service> Supply for Job<S> {
    fn begin(&mut self) {
        self.under_way = None;
    }

    fn go_on(&mut self, until: SystemTime) -> Result<Option<Snapshot>, Error> {
        let mut job = match self.under_way.take() {
            Some(job) => job,
            None => self.start()?,
        };
        loop {
            match self.is_ready(&job.key) {
                Ok(true) => return self.download(&job.key).map(Some),
                Ok(false) => job.silent = 0,
                Err(error) => job.hears(error)?,
            }
            let now = self.service.now();
            if now.duration_since(job.begun).unwrap_or_default() >= self.deadline {
                let minutes = self.deadline.as_secs() / 60;
                let message = format!(
                    "The export was not ready after {minutes} minutes and was given up; if it always takes so long, raise `deadline`"
                );
                return Err(Error::unavailable(message));
            }
            let left = until.duration_since(now).unwrap_or_default();
            if left <= job.pause {
                // What is left of this call is waited for too, so that the host does not ask at once.
                self.service.wait(left);
                self.under_way = Some(job);
                return Ok(None);
            }
            self.service.wait(job.pause);
            job.pause = (job.pause * 2).min(PAUSES.1);
        }
    }
}

impl UnderWay {
    /// Takes a failed question for what it is: now and then one is lost, and too many are for later.
    fn hears(&mut self, error: Error) -> Result<(), Error> {
        let is_passing = matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Throttled);
        self.silent += 1;
        if !is_passing || self.silent == MOST_SILENT {
            return Err(error);
        }
        if let Some(wait) = error.retry_after_ms {
            self.pause = self.pause.max(Duration::from_millis(u64::from(wait))).min(4 * PAUSES.1);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "job_tests.rs"]
mod tests;
