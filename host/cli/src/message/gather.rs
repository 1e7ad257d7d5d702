//! From what is to be told to mails: who reads what, and how much of it in one mail.

use super::clerk::{Clerk, Reader};
use sluss_engine::finding::Finding;
use sluss_engine::policy::{Digest, Language};
use sluss_store::{MailDraft, Store, StoreError, Told};
use std::collections::BTreeMap;

/// Who reads a mail: of which rule, at which address, in which language; and, if it tells of one event alone, which.
type Key = (String, String, Language, Option<u64>);

/// What came of it.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What could be told to nobody, and why.
    pub untold: Vec<(Told, Finding)>,
    /// What was put into mails, or is to be told to nobody.
    pub told: Vec<u64>,
}

/// Puts everything that is to be told into mails. Events of the targets in `waiting` wait. `domain` is what Message-IDs
/// end with.
pub fn gather(
    store: &mut Store,
    clerk: &Clerk<'_>,
    domain: &str,
    waiting: impl Fn(&str) -> bool,
) -> Result<Gathered, StoreError> {
    let mut gathered = Gathered::default();
    let mut mails: BTreeMap<Key, (Option<Reader>, Vec<Told>)> = BTreeMap::new();
    for told in store.untold(clerk.today())? {
        let Some(rule) = clerk.rule(&told.message) else { continue };
        let later = rule.digest == Digest::Daily && told.entered >= clerk.today();
        if later || clerk.target(&told).is_some_and(&waiting) {
            continue;
        }
        let someone = clerk.someone(store, told.person)?;
        if !clerk.is_so(store, &told, rule, &someone)? {
            store.tell_no_more(told.id)?;
            gathered.told.push(told.id);
            continue;
        }
        match clerk.readers(store, rule, &someone)? {
            Err(finding) => gathered.untold.push((told, finding)),
            Ok((readers, language)) => {
                for (address, reader) in readers {
                    // Of several readers some may have been told before.
                    if !store.is_told(told.id, &address)? {
                        let alone = (rule.digest == Digest::Single).then_some(told.id);
                        let key = (rule.name.clone(), address.to_lowercase(), language, alone);
                        let (known, events) = mails.entry(key).or_default();
                        known.get_or_insert((address, reader));
                        events.push(told.clone());
                    }
                }
                store.tell_no_more(told.id)?;
                gathered.told.push(told.id);
            }
        }
    }
    let seal = store.seal()?;
    for ((message, _, language, _), (reader, events)) in mails {
        let Some((recipient, reader)) = reader else { continue };
        let name = name(&seal, &recipient, &events, domain);
        let draft = MailDraft {
            message: &message,
            recipient: &recipient,
            reader,
            language: language.as_str(),
            name: &name,
            day: clerk.today(),
            tries: events.iter().map(|told| told.tries).max().unwrap_or(0),
        };
        let ids: Vec<u64> = events.iter().map(|told| told.id).collect();
        store.write_mail(&draft, &ids)?;
    }
    Ok(gathered)
}

/// The Message-ID of a mail: made of the state's seal, the reader and what is told, and so the same whenever the same is
/// told to the same.
fn name(seal: &str, recipient: &str, events: &[Told], domain: &str) -> String {
    let told: Vec<_> = events
        .iter()
        .map(|told| serde_json::json!([told.message, told.event, told.person, told.account, told.day]))
        .collect();
    let key = serde_json::json!([seal, recipient.to_lowercase(), told]).to_string();
    format!("<{}@{domain}>", &blake3::hash(key.as_bytes()).to_hex()[..32])
}

#[cfg(test)]
mod tests {
    use super::name;
    use sluss_engine::person::PersonId;
    use sluss_store::Told;

    #[test]
    fn a_mail_that_tells_the_same_to_the_same_has_the_same_name() {
        let told = |person, id| Told {
            id,
            message: "new".to_owned(),
            event: "account-created".to_owned(),
            person: PersonId(person),
            account: "directory".to_owned(),
            day: 20_000,
            entered: 20_000 + id as i32,
            tries: id as u32,
        };
        let first = name("a", "Eva@x.test", &[told(1, 1)], "x.test");
        assert_eq!(first, name("a", "eva@x.test", &[told(1, 2)], "x.test"));
        assert_eq!((first.len(), first.ends_with("@x.test>")), (1 + 32 + 8, true), "{first}");
        for other in [
            name("b", "eva@x.test", &[told(1, 1)], "x.test"),
            name("a", "bo@x.test", &[told(1, 1)], "x.test"),
            name("a", "eva@x.test", &[told(2, 1)], "x.test"),
            name("a", "eva@x.test", &[told(1, 1), told(2, 1)], "x.test"),
        ] {
            assert_ne!(first, other);
        }
    }
}
