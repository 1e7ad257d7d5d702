//! From the text of policy files to a policy, or to every fault that is in them.
//!
//! Two passes: names and tables first, since rules refer to them by name and may stand before them or in another file.

use super::digest::digest;
use super::fault::PolicyFault;
use super::licence::{self, LicenceRule};
use super::rules::Policy;
use super::section::{File, Notes, Section};
use super::settings::Settings;
use super::source::Source;
use super::vocabulary::Words;
use super::{entitle, feed, message, table};
use toml::de::DeTable;

/// Reads a policy from its files, given as name and text. Gives every fault of every file at once.
pub fn load(files: &[(String, String)]) -> Result<Policy, Vec<PolicyFault>> {
    let notes = Notes::default();
    let sources: Vec<Source<'_>> = files.iter().map(|(name, text)| Source::new(name, text)).collect();
    let parsed: Vec<_> = sources.iter().map(|source| DeTable::parse_recoverable(source.text)).collect();
    let mut roots = Vec::with_capacity(parsed.len());
    for (source, (table, errors)) in sources.iter().zip(&parsed) {
        let file = File { source, notes: &notes, broken: !errors.is_empty() };
        for error in errors {
            file.fault(error.span().unwrap_or(0..0), format!("not TOML: {}", error.message()), None);
        }
        roots.push(Section::root(file, table));
    }

    let opened = |key| roots.iter().filter_map(move |root| root.section(key)).flat_map(|section| section.sections());
    let mut words = Words::default();
    for (name, section) in roots.iter().filter_map(|root| root.section("table")).flat_map(|section| section.open()) {
        table::read(name, &section, &mut words.tables);
    }
    let kinds: Vec<_> = opened("name").collect();
    words.kinds = kinds.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    let keeps = |section: &&(&str, Section<'_>)| !section.1.is_without(&["keep-old"]);
    words.kept = kinds.iter().filter(keeps).map(|(kind, _)| (*kind).to_owned()).collect();
    let rules: Vec<_> = opened("account").collect();
    words.accounts = rules.iter().map(|(name, _)| (*name).to_owned()).collect();

    let names = kinds.into_iter().map(|(kind, section)| entitle::name(kind, section, &words)).collect();
    let accounts: Vec<_> = rules.into_iter().map(|(name, section)| entitle::account(name, section, &words)).collect();
    let order = feed::order(&accounts, &notes);
    entitle::references(&accounts, &notes);
    let mut licences: Vec<LicenceRule> = Vec::new();
    for (name, section) in opened("licence") {
        let ladder = licence::licence(name, section, &words, &accounts, &licences);
        licences.push(ladder);
    }
    let groups = opened("group").map(|(name, section)| entitle::group(name, section, &words, &accounts)).collect();
    let messages =
        opened("message").map(|(name, section)| message::message(name, section, &words, &accounts)).collect();
    let mut settings = Settings::default();
    for root in &roots {
        settings.read(root);
    }
    settings.check();
    roots.into_iter().for_each(Section::finish);

    if notes.is_empty() {
        let Settings { matching, authority, register, primary, stages, guards, .. } = settings;
        let digest = digest(parsed.iter().map(|(table, _)| table.get_ref()));
        let tables = words.tables;
        Ok(Policy {
            matching,
            authority,
            register,
            primary,
            stages,
            names,
            depth: feed::depth(&accounts, &order),
            accounts,
            order,
            licences,
            groups,
            messages,
            guards,
            tables,
            digest,
        })
    } else {
        let files: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        Err(notes.into_faults(&files))
    }
}
