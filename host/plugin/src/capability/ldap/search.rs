//! Reads entries, in pages that the server makes.
//!
//! A cursor names the link that the read runs on, because a server may keep the place of one read for each connection.
//! When that link is lost the read is over: going on elsewhere could leave entries out without anyone noticing.

use super::Ldap;
use super::dn::Dn;
use super::entry;
use super::fault;
use super::link::Link;
use super::message::{Entries, Entry, Query, Scope};
use ldap3::asn1::{Types, parse_tag};
use ldap3::controls::{MakeCritical, PagedResults, RawControl};
use ldap3::{LdapError, LdapResult};
use sluss_engine::fault::{Fault, FaultKind};
use std::sync::atomic::Ordering;

/// The most entries that one page has.
const MOST_ENTRIES: u32 = 1_000;
/// The most bytes that one page has, but for one that is a single entry. A page is in memory several times on its way.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The most bytes that a server may give at once. What it gives cannot be asked for again in smaller pages.
const MOST_HELD: usize = 128 * 1024 * 1024;
const PAGES: &str = "1.2.840.113556.1.4.319";
/// Has names come with what lies behind them, and what asks for it as text: a sequence of the number 1.
const GUIDS: &str = "1.2.840.113556.1.4.529";
const AS_TEXT: [u8; 5] = [0x30, 3, 2, 1, 1];
/// What says which features a forest has turned on stands here, below the configuration's name.
const FEATURES: &str = "CN=Partitions";

/// Where a read goes on.
#[derive(Debug, Clone, Default)]
struct Place {
    /// How many pages were given. Some servers give the same cookie for every page, and no two cursors may be the same.
    number: u64,
    /// The server's own mark.
    cookie: Vec<u8>,
}

impl Ldap {
    /// At most `max` entries. Without a cursor, the first ones.
    pub async fn search(&self, query: &Query, from: Option<&[u8]>, max: u32) -> Result<Entries, Fault> {
        self.fence.wanted(&query.attributes)?;
        self.fence.filter(&query.filter)?;
        let base = match self.fence.name(&query.base) {
            Ok(dn) => dn.to_string(),
            Err(_) if query.scope == Scope::Base && self.is_of_server(&query.base).await? => query.base.clone(),
            Err(fault) => return Err(fault),
        };
        let max = max.clamp(1, MOST_ENTRIES);
        if let Some(cursor) = from {
            let (id, rest) = cursor.split_first_chunk::<8>().ok_or_else(lost_place)?;
            let (number, cookie) = rest.split_first_chunk::<8>().ok_or_else(lost_place)?;
            let link = self.links.resume(u64::from_be_bytes(*id)).ok_or_else(lost_place)?;
            let place = Place { number: u64::from_be_bytes(*number), cookie: cookie.to_vec() };
            if !link.read.held.is_empty() {
                return Ok(self.give(link, place.number));
            }
            return self.page(link, &base, query, max, Some(place)).await.map_err(Broken::into_fault);
        }
        let paging = (query.scope != Scope::Base).then(Place::default);
        let link = self.links.take().await?;
        match self.page(link, &base, query, max, paging.clone()).await {
            // The server may have closed an idle connection; that is worth one try with a new one.
            Err(Broken { fault, is_retryable: true }) => {
                tracing::debug!(url = self.links.url(), %fault, "reading again on a new connection");
                let link = self.links.take().await?;
                self.page(link, &base, query, max, paging).await.map_err(Broken::into_fault)
            }
            other => other.map_err(Broken::into_fault),
        }
    }

    /// Whether this is an entry that tells of the server and of nobody in it, which everyone may read: its schema, or
    /// the features that a forest of Active Directory has turned on.
    async fn is_of_server(&self, base: &str) -> Result<bool, Fault> {
        let Ok(dn) = Dn::parse(base) else { return Ok(false) };
        let mut link = self.links.take().await?;
        let server = self.links.server(&mut link).await?;
        let text = |value| std::str::from_utf8(value).ok().map(str::to_owned);
        let features = server.values("configurationNamingContext").filter_map(text);
        let features = features.map(|above| format!("{FEATURES},{above}"));
        let is_one = |name: String| Dn::parse(&name).is_ok_and(|own| own == dn);
        let is_of_server = server.values("subschemaSubentry").filter_map(text).chain(features).any(is_one);
        self.links.put(link);
        Ok(is_of_server)
    }

    async fn page(
        &self,
        mut link: Link,
        base: &str,
        query: &Query,
        max: u32,
        place: Option<Place>,
    ) -> Result<Entries, Broken> {
        let number = place.as_ref().map_or(0, |place| place.number);
        let mut controls = Vec::new();
        if query.with_guids {
            controls.push(self.with_guids(&mut link).await?);
        }
        let is_paged = match place {
            Some(Place { cookie, .. }) if self.links.server(&mut link).await?.offers("supportedControl", PAGES) => {
                let size = i32::try_from(max.min(link.read.size)).unwrap_or(i32::MAX);
                controls.push(PagedResults { size, cookie }.critical().into());
                true
            }
            _ => false,
        };
        let (entries, result) = match self.collect(&mut link, base, query, controls, MOST_HELD).await {
            Ok(found) => found,
            Err(Ended::Fault(fault)) => return Err(fault.into()),
            Err(Ended::Lost(error)) => {
                let is_retryable = number == 0 && fault::is_lost(&error) && !matches!(error, LdapError::Timeout { .. });
                return Err(Broken { fault: fault::unanswered(&error, self.links.url()), is_retryable });
            }
        };
        if result.rc != 0 {
            let mut refused = fault::refused(&result);
            refused.object = Some(base.to_owned());
            self.links.put(link);
            return Err(refused.into());
        }
        let cookie = if is_paged { cookie_of(&result) } else { None }.unwrap_or_default();
        if cookie.is_empty() && entries.len() > max as usize {
            self.links.put(link);
            let message =
                format!("{} gave {} entries at once: it cannot give them in pages", self.links.url(), entries.len());
            return Err(Fault::new(FaultKind::Unsupported, message).into());
        }
        let bytes: usize = entries.iter().map(entry::size).sum();
        link.read.size = next_size(max.min(link.read.size), bytes);
        (link.read.held, link.read.cookie) = (entries.into(), cookie);
        Ok(self.give(link, number))
    }

    /// Gives as much of what the server gave as a page has, and keeps the rest for the next one.
    fn give(&self, mut link: Link, number: u64) -> Entries {
        let mut bytes = 0;
        let mut fits = |entry: &Entry| {
            bytes += entry::size(entry);
            bytes <= MOST_BYTES
        };
        let count = link.read.held.iter().take_while(|entry| fits(entry)).count().max(1);
        let entries: Vec<Entry> = link.read.held.drain(..count.min(link.read.held.len())).collect();
        if link.read.held.is_empty() && link.read.cookie.is_empty() {
            self.links.put(link);
            return Entries { entries, next: None };
        }
        let next = [&link.id.to_be_bytes()[..], &(number + 1).to_be_bytes(), &link.read.cookie].concat();
        self.links.pause(link);
        Entries { entries, next: Some(next) }
    }

    /// What has names come with the GUIDs behind them.
    pub(super) async fn with_guids(&self, link: &mut Link) -> Result<RawControl, Fault> {
        if self.links.server(link).await?.offers("supportedControl", GUIDS) {
            return Ok(RawControl { ctype: GUIDS.to_owned(), crit: true, val: Some(AS_TEXT.to_vec()) });
        }
        let message = format!("{} does not tell the GUIDs of entries: it is no Active Directory", self.links.url());
        Err(Fault::new(FaultKind::Unsupported, message))
    }

    /// Everything that one request gives, which may be so many bytes.
    pub(super) async fn collect(
        &self,
        link: &mut Link,
        base: &str,
        query: &Query,
        controls: Vec<RawControl>,
        most: usize,
    ) -> Result<(Vec<Entry>, LdapResult), Ended> {
        self.links.count();
        let scope = match query.scope {
            Scope::Base => ldap3::Scope::Base,
            Scope::One => ldap3::Scope::OneLevel,
            Scope::Subtree => ldap3::Scope::Subtree,
        };
        if !controls.is_empty() {
            link.ldap.with_controls(controls);
        }
        let wanted: Vec<&str> = query.attributes.iter().map(String::as_str).collect();
        link.ldap.with_timeout(self.links.timeout());
        let mut stream = link.ldap.streaming_search(base, scope, &query.filter, wanted).await.map_err(Ended::Lost)?;
        let mut entries = Vec::new();
        let mut bytes = 0;
        while let Some(item) = stream.next().await.map_err(Ended::Lost)? {
            if item.is_ref() {
                let ignored = self.referrals.fetch_add(1, Ordering::Relaxed);
                if ignored == 0 {
                    tracing::warn!(url = self.links.url(), "the directory refers to other servers; these are not read");
                }
                continue;
            }
            if item.is_intermediate() {
                continue;
            }
            let mut entry = entry::decode(item.0).ok_or_else(|| {
                Ended::Fault(Fault::new(FaultKind::Unavailable, "the directory sent an entry that cannot be read"))
            })?;
            self.fence.strip(&mut entry);
            bytes += entry::size(&entry);
            if bytes > most {
                let message = format!("a page of entries is larger than {most} bytes: ask for fewer at once");
                return Err(Ended::Fault(Fault::new(FaultKind::Invalid, message)));
            }
            entries.push(entry);
        }
        Ok((entries, stream.finish().await))
    }
}

/// How many entries to ask for after so many were asked for that came to so many bytes.
fn next_size(asked: u32, bytes: usize) -> u32 {
    if bytes > MOST_BYTES {
        (asked / 4).max(1)
    } else if bytes < MOST_BYTES / 8 {
        asked.saturating_mul(2)
    } else {
        asked
    }
}

/// How reading a page can end before the server's last word.
pub(super) enum Ended {
    Fault(Fault),
    Lost(LdapError),
}

/// Why there is no page.
struct Broken {
    fault: Fault,
    is_retryable: bool,
}

impl Broken {
    fn into_fault(self) -> Fault {
        self.fault
    }
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        Broken { fault, is_retryable: false }
    }
}

fn lost_place() -> Fault {
    Fault::new(FaultKind::Unavailable, "the connection of this read was lost: read again from the beginning")
}

/// The server's mark of where the next page begins; empty after the last one.
fn cookie_of(result: &LdapResult) -> Option<Vec<u8>> {
    let control = result.ctrls.iter().find(|control| control.1.ctype == PAGES)?;
    let (_, tag) = parse_tag(control.1.val.as_ref()?).ok()?;
    let mut fields = tag.match_id(Types::Sequence as u64)?.expect_constructed()?.into_iter();
    fields.nth(1)?.expect_primitive()
}
