//! Asking the web services about many persons: call by call, so that what fails in one leaves the others alone.

use crate::number::Number;
use crate::person;
use crate::post::Reading;
use crate::posts::Posts;
use crate::rest;
use crate::service::{Call, Reach, Service, Trouble};
use crate::settings::Order;
use crate::soap;
use crate::window;
use sluss_sdk::http::Response;
use sluss_sdk::{Error, ErrorKind, Finding};
use sluss_xml::Broken;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};
use uuid::Uuid;

/// After so many calls in a row without an answer nothing more is asked.
const MOST_SILENT: u32 = 3;

/// Which of the two services it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One person a call.
    Soap,
    /// Up to 900 persons a call.
    Rest,
}

/// A web service, with all that is needed to ask it.
pub struct Asking<S> {
    service: S,
    kind: Kind,
    order: Order,
    reading: Reading,
    span: Duration,
    clock: fn() -> SystemTime,
    /// Whether it ever answered: then it knows the order.
    is_known: bool,
}

/// The answers of one call of the host.
type Findings = HashMap<Number, Finding>;

impl<S: Service> Asking<S> {
    /// A service that was not asked yet.
    pub fn new(
        service: S,
        kind: Kind,
        order: Order,
        reading: Reading,
        span: Duration,
        clock: fn() -> SystemTime,
    ) -> Self {
        Asking { service, kind, order, reading, span, clock, is_known: false }
    }

    /// Asks about persons. Each gets its finding.
    pub fn look_up(&mut self, numbers: Vec<Number>) -> Findings {
        let begun = (self.clock)();
        let mut findings = Findings::with_capacity(numbers.len());
        let most = if self.kind == Kind::Rest { rest::MOST_NUMBERS } else { 1 };
        let mut waiting: VecDeque<Vec<Number>> = numbers.chunks(most).map(<[Number]>::to_vec).collect();
        let mut stop: Option<Error> = None;
        let (mut silent, mut refused) = (0, Vec::new());
        while let Some(asked) = waiting.pop_front() {
            if stop.is_none() && (self.clock)().duration_since(begun).unwrap_or_default() >= self.span {
                stop = Some(Error::throttled("There was no time left to ask the register about this number", 0));
            }
            if let Some(error) = &stop {
                fail(&mut findings, asked, error);
                continue;
            }
            let Trouble { error, reach } = match self.call(&asked) {
                Ok(found) => {
                    (self.is_known, silent) = (true, 0);
                    findings.extend(found);
                    continue;
                }
                Err(trouble) => self.in_time(trouble),
            };
            silent = if error.kind == ErrorKind::Unavailable { silent + 1 } else { 0 };
            match reach {
                Reach::Some if asked.len() > 1 => {
                    let (first, second) = asked.split_at(asked.len() / 2);
                    waiting.push_front(second.to_vec());
                    waiting.push_front(first.to_vec());
                }
                Reach::Some => {
                    // Two that are refused before anybody was found: it is not about them.
                    stop = Some(self.refusal(&error)).filter(|_| !self.is_known && !refused.is_empty());
                    refused.push((asked, error));
                }
                Reach::Call if silent < MOST_SILENT => fail(&mut findings, asked, &error),
                Reach::Call | Reach::All => {
                    fail(&mut findings, asked, &error);
                    stop = Some(Error { sent: false, ..error });
                }
            }
        }
        for (asked, error) in refused {
            fail(&mut findings, asked, &self.refusal(&error));
        }
        findings
    }

    /// Whether a post without a mark of protection is that of an unprotected person, or cannot be.
    pub fn takes_silence_for_no(&self) -> bool {
        self.reading.silence || self.kind == Kind::Rest
    }

    /// Whether the service can be reached and accepts who asks, without asking about anybody.
    pub fn check(&mut self) -> Result<String, Error> {
        let tried = match self.kind {
            Kind::Soap => self.service.knock(soap::PATH),
            Kind::Rest => self.service.ask(&self.question(&[])),
        };
        let response = tried.map_err(|error| self.in_time(Trouble::on_the_way(error)).error)?;
        match (self.kind, response.status) {
            (_, 200..=299) | (Kind::Soap, 400 | 405) | (Kind::Rest, 400 | 422) => Ok(
                "It answers, and accepts who asks. Whether it accepts the order shows with the first person asked for"
                    .to_owned(),
            ),
            _ => Err(self.in_time(Trouble::of(response)).error),
        }
    }

    fn question(&self, numbers: &[Number]) -> Call {
        let Order { organisation, id } = &self.order;
        match (self.kind, numbers) {
            (Kind::Soap, [number, ..]) => Call {
                path: soap::PATH,
                kind: "text/xml; charset=utf-8",
                headers: vec![("soapaction", "\"\"".to_owned())],
                body: soap::question(organisation, id, number),
            },
            _ => Call {
                path: rest::PATH,
                kind: "application/json",
                // By it the register finds a call in its own log.
                headers: vec![("skv_client_correlation_id", Uuid::new_v4().to_string())],
                body: rest::question(organisation, id, numbers),
            },
        }
    }

    fn call(&self, asked: &[Number]) -> Result<Vec<(Number, Finding)>, Trouble> {
        let response = self.service.ask(&self.question(asked)).map_err(Trouble::on_the_way)?;
        match self.kind {
            Kind::Soap => self.soap(asked, response),
            Kind::Rest => self.rest(asked, response),
        }
    }

    fn soap(&self, asked: &[Number], response: Response) -> Result<Vec<(Number, Finding)>, Trouble> {
        let posts = match (response.status, soap::read(&response.body, self.reading)) {
            (200, Ok(soap::Answer::Posts(posts))) => posts,
            (200 | 400 | 500, Ok(soap::Answer::Fault(fault))) => return Err(of_fault(fault)),
            (200, Err(broken)) => return Err(of_broken(broken)),
            _ => return Err(Trouble::of(response)),
        };
        let mut all = Posts::default();
        posts.into_iter().for_each(|post| all.add(post));
        let absent = |_: &Number| match all.len() {
            0 => Finding::Unknown,
            _ => Finding::Failed(Error::invalid(
                "The register answered about somebody else, or did not say about whom: its answer was left aside",
            )),
        };
        Ok(asked.iter().map(|number| (number.clone(), finding(&all, number, absent))).collect())
    }

    fn rest(&self, asked: &[Number], response: Response) -> Result<Vec<(Number, Finding)>, Trouble> {
        if response.status != 200 {
            return Err(Trouble::of(response));
        }
        let answer = rest::read(&response.body, self.reading).map_err(of_broken)?;
        let mut all = Posts::default();
        answer.posts.into_iter().for_each(|post| all.add(post));
        let refused: HashMap<Number, u16> = answer.refused.into_iter().collect();
        let absent = |number: &Number| match refused.get(number) {
            Some(404) => Finding::Unknown,
            Some(code) => Finding::Failed(of_refusal(*code)),
            None => Finding::Failed(Error::unavailable(
                "The register's answer is not whole: it says nothing of this number",
            )),
        };
        Ok(asked.iter().map(|number| (number.clone(), finding(&all, number, absent))).collect())
    }

    /// What a refused question about one number says: that something is wrong with the number, or, as long as nothing
    /// was ever answered, with the order.
    fn refusal(&self, error: &Error) -> Error {
        if self.is_known {
            return error.clone();
        }
        let message = format!("{}; are `organisation` and `order` right?", error.message);
        Error { kind: ErrorKind::Config, message, ..error.clone() }
    }

    /// While the register is closed, nothing is out of order.
    fn in_time(&self, trouble: Trouble) -> Trouble {
        let Some(left) = window::closed((self.clock)()).filter(|_| trouble.error.kind == ErrorKind::Unavailable) else {
            return trouble;
        };
        let message = "The register is closed on Mondays from 06:00 to 06:15, Swedish time";
        let wait = u32::try_from(left.as_millis()).unwrap_or(u32::MAX);
        Trouble { error: Error::throttled(message, wait), reach: Reach::All }
    }
}

fn fail(findings: &mut Findings, numbers: Vec<Number>, error: &Error) {
    findings.extend(numbers.into_iter().map(|number| (number, Finding::Failed(error.clone()))));
}

/// What posts say of a number; otherwise what their silence says.
pub fn finding(posts: &Posts, number: &Number, absent: impl Fn(&Number) -> Finding) -> Finding {
    match posts.about(number).map(|post| post.and_then(|post| person::attributes(number, post))) {
        Some(Ok(attributes)) => Finding::Found(attributes),
        Some(Err(error)) => Finding::Failed(error),
        None => absent(number),
    }
}

fn of_broken(broken: Broken) -> Trouble {
    let error = Error::unavailable(format!("The register's answer cannot be used: {broken}"));
    Trouble { error: Error { sent: true, ..error }, reach: Reach::Call }
}

fn of_fault(fault: soap::Fault) -> Trouble {
    let (kind, message, reach) = match fault.is_ours {
        true => (ErrorKind::Invalid, "The register does not accept the question", Reach::Some),
        false => (ErrorKind::Unavailable, "The register could not answer", Reach::Call),
    };
    Trouble { error: Error { code: fault.code, sent: true, ..Error::new(kind, message) }, reach }
}

/// A reason that the register gives for one number.
fn of_refusal(code: u16) -> Error {
    let (kind, message) = match code {
        400 | 422 => (ErrorKind::Invalid, "The register does not accept this number"),
        401 | 403 => (ErrorKind::Permission, "The order does not cover this person"),
        429 => (ErrorKind::Throttled, "The register was asked too often"),
        _ => (ErrorKind::Unavailable, "The register could not answer about this number"),
    };
    Error { sent: true, ..Error::new(kind, message).code(code.to_string()) }
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
