//! Carries many writes out, as fast as the server takes them and in an order that cannot hurt.
//!
//! Enough of them travel as transactions where the server offers that; the rest travel in a pipeline. Nothing here
//! sends a write twice whose answer is missing: what is not known is said to be not known.

use super::config::Transactions;
use super::link::{Link, Links};
use super::message::{Outcome, Write};
use super::order::{self, Place};
use super::request::{Request, Wire, about};
use super::{Ldap, transaction};
use futures_util::{StreamExt, stream};
use ldap3::controls::RawControl;
use ldap3::{LdapError, LdapResult};
use sluss_engine::fault::{Fault, FaultKind};
use std::sync::atomic::{AtomicBool, Ordering};

impl Ldap {
    /// Carries writes out. One outcome for each, in the same order.
    pub async fn write(&self, writes: Vec<Write>) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(writes.len());
        let mut requests = Vec::with_capacity(writes.len());
        let mut positions = Vec::with_capacity(writes.len());
        for (position, write) in writes.into_iter().enumerate() {
            match Request::new(write, &self.fence) {
                Ok(request) if request.is_empty() => outcomes.push(Some(Outcome::Done)),
                Ok(request) => {
                    requests.push(request);
                    positions.push(position);
                    outcomes.push(None);
                }
                Err(fault) => outcomes.push(Some(Outcome::Refused(fault))),
            }
        }
        if !requests.is_empty() {
            for (position, outcome) in positions.into_iter().zip(self.carry_out(requests).await) {
                outcomes[position] = Some(outcome);
            }
        }
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Outcome::Refused(unsent()))).collect()
    }

    async fn carry_out(&self, requests: Vec<Request>) -> Vec<Outcome> {
        let _turn = self.writing.lock().await;
        let touched: Vec<_> = requests.iter().map(|request| &request.touched).collect();
        let places = order::places(&touched);
        let mut batch = Batch {
            outcomes: requests.iter().map(|_| None).collect(),
            requests: &requests,
            places,
            pipeline: self.pipeline,
            is_over: AtomicBool::new(false),
        };
        let all: Vec<usize> = (0..requests.len()).collect();
        match self.links.take().await {
            Ok(mut link) => {
                match self.uses_transactions(&mut link, requests.len()).await {
                    Ok(true) => transaction::run(&mut batch, &self.links, &mut link, &self.used, &all).await,
                    Ok(false) => batch.pipeline(&self.links, &link, &all).await,
                    Err(fault) => batch.end(&all, |dn| Outcome::Refused(about(fault.clone(), dn))),
                }
                if !batch.is_over() {
                    self.links.put(link);
                }
            }
            Err(fault) => batch.end(&all, |dn| Outcome::Refused(about(fault.clone(), dn))),
        }
        batch.outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Outcome::Refused(unsent()))).collect()
    }

    async fn uses_transactions(&self, link: &mut Link, writes: usize) -> Result<bool, Fault> {
        if self.transactions == Transactions::Never || writes < transaction::LEAST {
            return Ok(false);
        }
        match self.links.server(link).await {
            Ok(server) => Ok(server.offers("supportedExtension", transaction::START)),
            // Asking what a server can do changes nothing, so no write was sent.
            Err(fault) => Err(Fault { sent: false, ..fault }),
        }
    }
}

/// Writes under way, and what became of those that are not.
pub struct Batch<'a> {
    pub requests: &'a [Request],
    pub outcomes: Vec<Option<Outcome>>,
    places: Vec<Place>,
    pipeline: usize,
    /// Whether the connection is gone, so that nothing more is sent.
    is_over: AtomicBool,
}

impl Batch<'_> {
    /// Whether the connection is gone.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Gives these writes their outcomes at the end of the connection.
    pub fn end(&mut self, writes: &[usize], outcome: impl Fn(&str) -> Outcome) {
        self.is_over.store(true, Ordering::Relaxed);
        for index in writes {
            self.outcomes[*index] = Some(outcome(&self.requests[*index].dn));
        }
    }

    /// The writes of these that can be sent; the others waited for a write that was not carried out.
    pub fn sendable(&mut self, writes: Vec<usize>) -> Vec<usize> {
        writes.into_iter().filter(|index| !self.is_overtaken(*index)).collect()
    }

    fn is_overtaken(&mut self, index: usize) -> bool {
        let Some(before) = self.places[index].after else { return false };
        let is_overtaken = matches!(&self.outcomes[before], Some(Outcome::Refused(_) | Outcome::Unknown(_)));
        if is_overtaken {
            self.outcomes[index] = Some(transaction::overtaken(&self.requests[index].dn));
        }
        is_overtaken
    }

    /// Sends writes, as many at a time as may be under way, wave after wave.
    pub async fn pipeline(&mut self, links: &Links, link: &Link, writes: &[usize]) {
        for wave in self.waves(writes) {
            let wave = self.sendable(wave);
            let settled: Vec<(usize, Outcome)> = stream::iter(wave)
                .map(|index| {
                    let (request, is_over) = (&self.requests[index], &self.is_over);
                    let mut wire = Wire::new(links, link);
                    async move {
                        if is_over.load(Ordering::Relaxed) {
                            return (index, Outcome::Refused(about(unsent(), &request.dn)));
                        }
                        let outcome = wire.settle(request, link).await;
                        let is_lost = match &outcome {
                            Outcome::Unknown(_) => true,
                            // A refusal without a code did not come from the server.
                            Outcome::Refused(fault) => fault.code.is_none() && fault.kind == FaultKind::Unavailable,
                            Outcome::Done => false,
                        };
                        if is_lost {
                            is_over.store(true, Ordering::Relaxed);
                        }
                        (index, outcome)
                    }
                })
                .buffer_unordered(self.pipeline)
                .collect()
                .await;
            for (index, outcome) in settled {
                self.outcomes[index] = Some(outcome);
            }
        }
    }

    /// Sends writes once each, wave after wave, with a control; for each its message and the answer.
    pub async fn send_all(
        &self,
        links: &Links,
        link: &Link,
        writes: &[usize],
        controls: &impl Fn() -> Vec<RawControl>,
    ) -> Vec<(usize, i32, Result<LdapResult, LdapError>)> {
        let mut answers = Vec::with_capacity(writes.len());
        for wave in self.waves(writes) {
            let answered: Vec<_> = stream::iter(wave)
                .map(|index| {
                    let request = &self.requests[index];
                    let mut wire = Wire::new(links, link);
                    async move {
                        let result = wire.send(request, controls()).await;
                        (index, wire.last_message(), result)
                    }
                })
                .buffer_unordered(self.pipeline)
                .collect()
                .await;
            let is_lost = answered.iter().any(|(_, _, result)| result.is_err());
            answers.extend(answered);
            if is_lost {
                break;
            }
        }
        answers
    }

    /// These writes, wave by wave.
    pub fn waves(&self, writes: &[usize]) -> Vec<Vec<usize>> {
        let mut sorted = writes.to_vec();
        sorted.sort_by_key(|index| (self.places[*index].wave, *index));
        let same = |a: &usize, b: &usize| self.places[*a].wave == self.places[*b].wave;
        sorted.chunk_by(same).map(<[usize]>::to_vec).collect()
    }
}

fn unsent() -> Fault {
    Fault::new(FaultKind::Unavailable, "not sent, because the connection to the directory was lost before")
}
