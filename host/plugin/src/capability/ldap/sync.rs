//! What changed since somebody last asked, as Active Directory tells it (DirSync).
//!
//! The server tells it of a whole naming context, so what a plugin may hear of it is chosen here: of entries within the
//! granted base what changed, of entries that are gone that they are, and of all others nothing.

use super::Ldap;
use super::dn::Dn;
use super::fault;
use super::link::Link;
use super::message::{Attribute, Entry, Query, Scope, Synced};
use super::search::Ended;
use bytes::BytesMut;
use ldap3::asn1::{ASNTag as _, Integer, OctetString, Sequence, Tag, Types, parse_tag, parse_uint, write};
use ldap3::controls::RawControl;
use ldap3::{LdapError, LdapResult};
use sluss_engine::fault::{Fault, FaultKind};

const SYNC: &str = "1.2.840.113556.1.4.841";
/// Tells what this account may see, where the server would otherwise want it to have the right to replicate.
const OBJECT_SECURITY: i64 = 1;
/// What is asked for besides, to know who is gone.
const ALWAYS: [&str; 3] = ["objectGUID", "isDeleted", "lastKnownParent"];
/// The most bytes that one answer has.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// How much room an entry is given in an answer.
const ENTRY: u32 = 1024;
/// The least room that is asked for.
const LEAST: u32 = 64 * 1024;

impl Ldap {
    /// What changed since an answer was given with this cursor; without one, everything there is.
    pub async fn sync(&self, query: &Query, since: Option<&[u8]>, max: u32) -> Result<Synced, Fault> {
        self.fence.wanted(&query.attributes)?;
        self.fence.filter(&query.filter)?;
        let base = self.fence.name(&query.base)?;
        let mut link = self.links.take().await?;
        let mut answer = self.changed(&mut link, &base, query, since, max).await;
        if let Err(Ended::Lost(error)) = &answer
            && fault::is_lost(error)
            && !matches!(error, LdapError::Timeout { .. })
        {
            // The server may have closed an idle connection; that is worth one try with a new one.
            link = self.links.take().await?;
            answer = self.changed(&mut link, &base, query, since, max).await;
        }
        let (entries, result) = answer.map_err(|ended| match ended {
            Ended::Fault(fault) => fault,
            Ended::Lost(error) => fault::unanswered(&error, self.links.url()),
        })?;
        self.links.put(link);
        if result.rc != 0 {
            return Err(fault::refused(&result));
        }
        let (more, next) = place(&result).ok_or_else(|| {
            let message = format!("{} does not say from where to go on with what changed", self.links.url());
            Fault::new(FaultKind::Unavailable, message)
        })?;
        Ok(Synced { entries: entries.into_iter().filter_map(|entry| told(entry, &base)).collect(), next, more })
    }

    async fn changed(
        &self,
        link: &mut Link,
        base: &Dn,
        query: &Query,
        since: Option<&[u8]>,
        max: u32,
    ) -> Result<(Vec<Entry>, LdapResult), Ended> {
        let context = self.context(link, base).await.map_err(Ended::Fault)?;
        let mut controls = vec![control(since.unwrap_or_default(), max)];
        if query.with_guids {
            controls.push(self.with_guids(link).await.map_err(Ended::Fault)?);
        }
        let mut attributes = query.attributes.clone();
        attributes.extend(ALWAYS.map(str::to_owned));
        let whole = Query { scope: Scope::Subtree, attributes, ..query.clone() };
        self.collect(link, &context, &whole, controls, MOST_BYTES).await
    }

    /// The naming context that the base stands in: the only place that can be asked about.
    async fn context(&self, link: &mut Link, base: &Dn) -> Result<String, Fault> {
        let server = self.links.server(link).await?;
        let unable = |what: &str| Fault::new(FaultKind::Unsupported, format!("{} {what}", self.links.url()));
        if !server.offers("supportedControl", SYNC) {
            return Err(unable("does not tell what changed: it is no Active Directory"));
        }
        let contexts = server.values("namingContexts").filter_map(|value| std::str::from_utf8(value).ok());
        let holding = contexts.filter(|context| Dn::parse(context).is_ok_and(|dn| base.is_within(&dn)));
        let nearest = holding.max_by_key(|context| Dn::parse(context).map_or(0, |dn| dn.keys().len()));
        nearest.map(str::to_owned).ok_or_else(|| unable("does not say which naming context the base stands in"))
    }
}

/// Asks for what changed since this cookie.
fn control(cookie: &[u8], max: u32) -> RawControl {
    let number = |inner| Tag::Integer(Integer { inner, ..Integer::default() });
    let room = i64::from(max.saturating_mul(ENTRY).clamp(LEAST, i32::MAX as u32));
    let cookie = Tag::OctetString(OctetString { inner: cookie.to_vec(), ..OctetString::default() });
    let inner = vec![number(OBJECT_SECURITY), number(room), cookie];
    let value = Tag::Sequence(Sequence { inner, ..Sequence::default() }).into_structure();
    let mut bytes = BytesMut::new();
    let is_written = write::encode_into(&mut bytes, value).is_ok();
    RawControl { ctype: SYNC.to_owned(), crit: true, val: is_written.then(|| bytes.to_vec()) }
}

/// Whether there is more, and the cookie to ask with.
fn place(result: &LdapResult) -> Option<(bool, Vec<u8>)> {
    let control = result.ctrls.iter().find(|control| control.1.ctype == SYNC)?;
    let (_, tag) = parse_tag(control.1.val.as_ref()?).ok()?;
    let mut fields = tag.match_id(Types::Sequence as u64)?.expect_constructed()?.into_iter();
    let more = fields.next()?.match_id(Types::Integer as u64)?.expect_primitive()?;
    let (_, more) = parse_uint(&more).ok()?;
    Some((more != 0, fields.nth(1)?.expect_primitive()?))
}

/// What a plugin may hear of an entry that changed.
fn told(mut entry: Entry, base: &Dn) -> Option<Entry> {
    if !is_deleted(&entry) {
        return stands_within(&entry.dn, base).then_some(entry);
    }
    let above = entry.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case("lastKnownParent"));
    let above = above.and_then(|attribute| attribute.values.first());
    let above = above.and_then(|value| std::str::from_utf8(value).ok());
    // Where what held it is gone as well, nobody knows any longer where that stood.
    let is_lost = above.is_none_or(|above| above.to_ascii_uppercase().contains("\\0ADEL:"));
    if !is_lost && !above.is_some_and(|above| stands_within(above, base)) {
        return None;
    }
    entry.dn = String::new();
    entry.attributes.retain(|attribute| ALWAYS.iter().any(|name| attribute.name.eq_ignore_ascii_case(name)));
    Some(entry)
}

fn is_deleted(entry: &Entry) -> bool {
    let says = |attribute: &Attribute| attribute.values.iter().any(|value| value.eq_ignore_ascii_case(b"TRUE"));
    entry.attributes.iter().any(|attribute| attribute.name.eq_ignore_ascii_case("isDeleted") && says(attribute))
}

/// Whether a name, with or without what lies behind it, is the base or stands below it.
fn stands_within(name: &str, base: &Dn) -> bool {
    let mut plain = name;
    while let Some(rest) = plain.strip_prefix('<') {
        match rest.split_once(">;") {
            Some((_, behind)) => plain = behind,
            None => return false,
        }
    }
    Dn::parse(plain).is_ok_and(|dn| dn.is_within(base))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn base() -> Dn {
        Dn::parse("OU=Municipality,DC=ad,DC=test").unwrap()
    }

    fn entry(dn: &str, attributes: &[(&str, &str)]) -> Entry {
        let attribute = |(name, value): &(&str, &str)| Attribute {
            name: (*name).to_owned(),
            values: vec![value.as_bytes().to_vec()],
            is_password: false,
        };
        Entry { dn: dn.to_owned(), attributes: attributes.iter().map(attribute).collect() }
    }

    #[test]
    fn only_what_stands_within_the_base_is_told_of() {
        let inside = entry("<GUID=1>;<SID=S-1>;CN=Anna,ou=municipality,DC=ad,DC=test", &[("title", "nurse")]);
        assert_eq!(told(inside.clone(), &base()), Some(inside));
        for outside in ["CN=Anna,DC=ad,DC=test", "<GUID=1>;CN=Anna,OU=Other,DC=ad,DC=test", "<GUID=1>", ""] {
            assert_eq!(told(entry(outside, &[("title", "nurse")]), &base()), None, "{outside}");
        }
    }

    #[test]
    fn of_what_is_gone_only_that_is_told() {
        let gone = |above: &[(&str, &str)]| {
            let own = [("objectGUID", "0123456789abcdef"), ("isDeleted", "TRUE"), ("sAMAccountName", "anna")];
            entry("CN=Anna\\0ADEL:1,CN=Deleted Objects,DC=ad,DC=test", &[&own[..], above].concat())
        };
        let names = |entry: Entry| entry.attributes.into_iter().map(|own| own.name).collect::<Vec<_>>();
        for above in ["OU=Staff,OU=Municipality,DC=ad,DC=test", "OU=Staff\\0ADEL:2,CN=Deleted Objects,DC=ad,DC=test"] {
            let told = told(gone(&[("lastKnownParent", above)]), &base()).unwrap();
            assert_eq!(told.dn, "", "what it was called is nobody's business");
            assert_eq!(names(told), ALWAYS);
        }
        assert_eq!(names(told(gone(&[]), &base()).unwrap()), ["objectGUID", "isDeleted"]);
        assert_eq!(told(gone(&[("lastKnownParent", "OU=Other,DC=ad,DC=test")]), &base()), None);
    }

    #[test]
    fn the_request_is_as_the_protocol_wants_it() {
        let control = control(b"ab", 0);
        assert!(control.crit);
        assert_eq!(control.val.unwrap(), b"\x30\x0c\x02\x01\x01\x02\x03\x01\x00\x00\x04\x02ab");
    }
}
