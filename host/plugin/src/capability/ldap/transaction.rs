//! Many writes as one transaction (RFC 5805), where the server offers that.
//!
//! A server that puts every commit on the disk does one for five hundred writes instead of five hundred. When it refuses
//! the whole because of one write, it says which; that one is taken out and sent by itself, so that it costs its own
//! outcome and nobody else's. Where it does not say, the transaction is halved until the write is found.

use super::fault::{self, code};
use super::link::{Link, Links};
use super::message::Outcome;
use super::request::{Request, about};
use super::write::Batch;
use ldap3::asn1::{Types, parse_tag, parse_uint};
use ldap3::controls::{RawControl, TxnSpec};
use ldap3::exop::{EndTxn, StartTxn};
use ldap3::result::ExopResult;
use ldap3::{LdapError, LdapResult};
use sluss_engine::fault::{Fault, FaultKind};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The extended operation that begins one.
pub const START: &str = "1.3.6.1.1.21.1";
/// The most writes in one.
pub const MOST: usize = 500;
/// Fewer writes than this are sent one by one: a transaction would gain nothing that anyone notices.
pub const LEAST: usize = 32;
/// How often a batch is refused before the rest of it is sent without transactions.
const MOST_REFUSALS: usize = 8;
/// The pause before a transaction is closed. OpenLDAP answers each write of it a moment before it has put it aside, and
/// up to 2.5 at least it can crash when the end overtakes that (about one in 300 without a pause, never seen with 3 ms).
const SETTLING: Duration = Duration::from_millis(25);

/// The attributes that are known to be in use at a server.
///
/// OpenLDAP numbers each attribute when it first stores one. When that happens in a transaction which is then refused,
/// the number stays in memory and is missing from the database, and what is stored with it cannot be read any more. So
/// the first write with an attribute never travels in a transaction.
#[derive(Debug, Default)]
pub struct Used(Mutex<HashSet<String>>);

impl Used {
    /// The attributes of a write that are not known to be in use.
    fn unknown(&self, request: &Request) -> Vec<String> {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let names = request.attributes().unwrap_or_default().into_iter();
        names.filter(|name| !used.contains(name)).collect()
    }

    fn learn(&self, request: &Request) {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.extend(request.attributes().unwrap_or_default());
    }
}

/// What became of one transaction.
enum Verdict {
    /// It was carried out, but for those that were refused on their own.
    Done(HashMap<usize, LdapResult>),
    /// Nothing was carried out, because of this write.
    Blames(usize, LdapResult),
    /// Nothing was carried out, and the server does not say why.
    Refused,
    /// The server takes no transaction now.
    Unavailable,
    /// Nothing was carried out, because the connection was lost before the end.
    Lost(LdapError),
    /// The end got no answer.
    Unknown(LdapError),
}

/// Carries writes out in transactions, and by themselves where those do not work.
pub async fn run(batch: &mut Batch<'_>, links: &Links, link: &mut Link, used: &Used, writes: &[usize]) {
    for wave in batch.waves(writes) {
        let wave = batch.sendable(wave);
        let (mut together, mut alone): (Vec<usize>, Vec<usize>) =
            wave.into_iter().partition(|index| batch.requests[*index].attributes().is_some());
        // The first write with an attribute goes ahead; when it succeeds, others may follow in a transaction.
        let mut ahead = HashSet::new();
        let (first, rest): (Vec<usize>, Vec<usize>) = together.into_iter().partition(|index| {
            let before = ahead.len();
            ahead.extend(used.unknown(&batch.requests[*index]));
            ahead.len() > before
        });
        alone.extend(first);
        batch.pipeline(links, link, &alone).await;
        for index in alone {
            if batch.outcomes[index] == Some(Outcome::Done) {
                used.learn(&batch.requests[index]);
            }
        }
        (together, alone) = rest.into_iter().partition(|index| used.unknown(&batch.requests[*index]).is_empty());
        batch.pipeline(links, link, &alone).await;
        run_wave(batch, links, link, &together).await;
    }
}

/// Carries writes out that have nothing to do with each other.
async fn run_wave(batch: &mut Batch<'_>, links: &Links, link: &mut Link, writes: &[usize]) {
    let mut parts: Vec<Vec<usize>> = writes.chunks(MOST).rev().map(<[usize]>::to_vec).collect();
    let mut refusals = 0;
    while let Some(part) = parts.pop() {
        if part.len() < LEAST || refusals >= MOST_REFUSALS || batch.is_over() {
            batch.pipeline(links, link, &part).await;
            continue;
        }
        match attempt(batch, links, link, &part).await {
            Verdict::Done(refused) => {
                for index in part {
                    let outcome = match refused.get(&index) {
                        None => Outcome::Done,
                        Some(result) => Outcome::Refused(about(fault::refused(result), &batch.requests[index].dn)),
                    };
                    batch.outcomes[index] = Some(outcome);
                }
            }
            Verdict::Blames(index, result) => {
                refusals += 1;
                tracing::debug!(url = links.url(), code = result.rc, "a transaction was refused because of one write");
                let position = part.iter().position(|other| *other == index).unwrap_or_default();
                parts.push(part[position + 1..].to_vec());
                parts.push(vec![index]);
                parts.push(part[..position].to_vec());
            }
            Verdict::Refused => {
                refusals += 1;
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second.to_vec(), first.to_vec()]);
            }
            Verdict::Unavailable => {
                refusals = MOST_REFUSALS;
                parts.push(part);
            }
            Verdict::Lost(error) => {
                let fault = Fault { sent: false, ..fault::unanswered(&error, links.url()) };
                batch.end(&part, |dn| Outcome::Refused(about(fault.clone(), dn)));
            }
            Verdict::Unknown(error) => {
                let fault = fault::unanswered(&error, links.url());
                let outcome = |fault: Fault| if fault.sent { Outcome::Unknown(fault) } else { Outcome::Refused(fault) };
                batch.end(&part, |dn| outcome(about(fault.clone(), dn)));
            }
        }
    }
}

async fn attempt(batch: &Batch<'_>, links: &Links, link: &mut Link, part: &[usize]) -> Verdict {
    links.count();
    let id = match link.ldap.with_timeout(links.timeout()).extended(StartTxn).await {
        Ok(ExopResult(answer, result)) => match result.rc {
            0 => String::from_utf8(answer.val.unwrap_or_default()).unwrap_or_default(),
            code::BUSY => return Verdict::Unavailable,
            _ => {
                tracing::warn!(
                    url = links.url(),
                    code = result.rc,
                    "the directory offers transactions and refuses them"
                );
                return Verdict::Unavailable;
            }
        },
        Err(error) => return Verdict::Lost(error),
    };
    let mut messages = HashMap::new();
    let mut refused = HashMap::new();
    let control = || vec![RawControl::from(TxnSpec { txn_id: &id })];
    for (index, message, result) in batch.send_all(links, link, part, &control).await {
        messages.insert(message, index);
        match result {
            Ok(result) if result.rc == 0 => {}
            Ok(result) => {
                refused.insert(index, result);
            }
            Err(error) => return Verdict::Lost(error),
        }
    }
    tokio::time::sleep(SETTLING).await;
    links.count();
    match link.ldap.with_timeout(links.timeout()).extended(EndTxn { txn_id: &id, commit: true }).await {
        Ok(ExopResult(_, result)) if result.rc == 0 => Verdict::Done(refused),
        // With nothing left to commit there is nothing to blame anyone for.
        Ok(_) if refused.len() == part.len() => Verdict::Done(refused),
        Ok(ExopResult(answer, result)) => {
            let blamed = answer.val.as_deref().and_then(blamed).and_then(|message| messages.get(&message).copied());
            match blamed {
                Some(index) => Verdict::Blames(index, result),
                None => match refused.into_iter().min_by_key(|(index, _)| *index) {
                    Some((index, result)) => Verdict::Blames(index, result),
                    None => Verdict::Refused,
                },
            }
        }
        Err(error) => Verdict::Unknown(error),
    }
}

/// The message that a server blames for the end of a transaction.
fn blamed(value: &[u8]) -> Option<i32> {
    let (_, tag) = parse_tag(value).ok()?;
    let mut fields = tag.match_id(Types::Sequence as u64)?.expect_constructed()?.into_iter();
    let number = fields.next()?.match_id(Types::Integer as u64)?.expect_primitive()?;
    let (_, number) = parse_uint(&number).ok()?;
    i32::try_from(number).ok()
}

/// The outcome of a write that waited for another one of the same entry.
pub fn overtaken(dn: &str) -> Outcome {
    let message = "not sent, because an earlier write to the same entry was not carried out";
    Outcome::Refused(about(Fault::new(FaultKind::Conflict, message), dn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blamed_message_is_read_from_the_answer() {
        assert_eq!(blamed(&[48, 3, 2, 1, 10]), Some(10));
        assert_eq!(blamed(&[48, 4, 2, 2, 2, 136]), Some(648));
        assert_eq!(blamed(&[48, 0]), None);
        assert_eq!(blamed(&[2, 1, 10]), None);
        assert_eq!(blamed(&[]), None);
    }
}
