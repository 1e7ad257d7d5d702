//! Reads entries, in pages that the server makes.
//!
//! A cursor names the link that the read runs on, because a server may keep the place of one read for each connection.
//! When that link is lost the read is over: going on elsewhere could leave entries out without anyone noticing.

use super::Ldap;
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
/// The most bytes that one page has.
const MOST_BYTES: usize = 16 * 1024 * 1024;
const PAGES: &str = "1.2.840.113556.1.4.319";

impl Ldap {
    /// At most `max` entries. Without a cursor, the first ones.
    pub async fn search(&self, query: &Query, from: Option<&[u8]>, max: u32) -> Result<Entries, Fault> {
        self.fence.wanted(&query.attributes)?;
        self.fence.filter(&query.filter)?;
        let base = match self.fence.name(&query.base) {
            Ok(dn) => dn.to_string(),
            Err(_) if query.scope == Scope::Base && self.is_schema(&query.base).await? => query.base.clone(),
            Err(fault) => return Err(fault),
        };
        let max = max.clamp(1, MOST_ENTRIES);
        if let Some(cursor) = from {
            let (id, cookie) = cursor.split_first_chunk::<8>().ok_or_else(lost_place)?;
            let link = self.links.resume(u64::from_be_bytes(*id)).ok_or_else(lost_place)?;
            return self.page(link, &base, query, max, Some(cookie.to_vec())).await.map_err(Broken::into_fault);
        }
        let paging = (query.scope != Scope::Base).then(Vec::new);
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

    /// Whether this is the entry that the server's schema stands in, which everyone may read.
    async fn is_schema(&self, base: &str) -> Result<bool, Fault> {
        let Ok(dn) = super::dn::Dn::parse(base) else { return Ok(false) };
        let mut link = self.links.take().await?;
        let server = self.links.server(&mut link).await?;
        let is_schema = server
            .values("subschemaSubentry")
            .filter_map(|value| std::str::from_utf8(value).ok())
            .any(|value| super::dn::Dn::parse(value).is_ok_and(|schema| schema == dn));
        self.links.put(link);
        Ok(is_schema)
    }

    async fn page(
        &self,
        mut link: Link,
        base: &str,
        query: &Query,
        max: u32,
        cookie: Option<Vec<u8>>,
    ) -> Result<Entries, Broken> {
        let is_first = cookie.as_ref().is_none_or(Vec::is_empty);
        let control = match cookie {
            Some(cookie) if self.links.server(&mut link).await?.offers("supportedControl", PAGES) => {
                let size = i32::try_from(max).unwrap_or(i32::MAX);
                Some(PagedResults { size, cookie }.critical().into())
            }
            _ => None,
        };
        let is_paged = control.is_some();
        let (entries, result) = match self.collect(&mut link, base, query, control).await {
            Ok(found) => found,
            Err(Ended::Fault(fault)) => return Err(fault.into()),
            Err(Ended::Lost(error)) => {
                let is_retryable = is_first && fault::is_lost(&error) && !matches!(error, LdapError::Timeout { .. });
                return Err(Broken { fault: fault::unanswered(&error, self.links.url()), is_retryable });
            }
        };
        if result.rc != 0 {
            let mut refused = fault::refused(&result);
            refused.object = Some(base.to_owned());
            self.links.put(link);
            return Err(refused.into());
        }
        let cookie = if is_paged { cookie_of(&result) } else { None };
        if let Some(cookie) = cookie.filter(|cookie| !cookie.is_empty()) {
            let next = [link.id.to_be_bytes().as_slice(), &cookie].concat();
            self.links.pause(link);
            return Ok(Entries { entries, next: Some(next) });
        }
        self.links.put(link);
        if entries.len() > max as usize {
            let message =
                format!("{} gave {} entries at once: it cannot give them in pages", self.links.url(), entries.len());
            return Err(Fault::new(FaultKind::Unsupported, message).into());
        }
        Ok(Entries { entries, next: None })
    }

    async fn collect(
        &self,
        link: &mut Link,
        base: &str,
        query: &Query,
        control: Option<RawControl>,
    ) -> Result<(Vec<Entry>, LdapResult), Ended> {
        self.links.count();
        let scope = match query.scope {
            Scope::Base => ldap3::Scope::Base,
            Scope::One => ldap3::Scope::OneLevel,
            Scope::Subtree => ldap3::Scope::Subtree,
        };
        if let Some(control) = control {
            link.ldap.with_controls(control);
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
            if bytes > MOST_BYTES {
                let message = format!("a page of entries is larger than {MOST_BYTES} bytes: ask for fewer at once");
                return Err(Ended::Fault(Fault::new(FaultKind::Invalid, message)));
            }
            entries.push(entry);
        }
        Ok((entries, stream.finish().await))
    }
}

/// How reading a page can end before the server's last word.
enum Ended {
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
