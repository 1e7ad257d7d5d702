//! Reads the parts of a policy that stand once: matching, authority, registers, the primary engagement, stages and guards.
//!
//! Each has a default that is safe to run with, so that a small policy stays small.

use super::rules::{Guards, Hint, Limit, MatchKey, Matching, OnLeave, PrimaryKey, Register, Stages, Unanswered};
use super::section::{At, Section};
use crate::authority::{Authority, Order, Weight};
use crate::fault::Place;
use toml::de::DeValue;

/// What the parts that stand once say, beginning with the defaults.
#[derive(Debug)]
pub(super) struct Settings<'a> {
    pub(super) matching: Matching,
    pub(super) authority: Authority,
    pub(super) register: Register,
    pub(super) primary: Vec<PrimaryKey>,
    pub(super) stages: Stages,
    pub(super) guards: Guards,
    enable: Option<At<'a>>,
    remove: Option<At<'a>>,
}

const MATCH_KEYS: &[(&str, MatchKey)] =
    &[("identity-number", MatchKey::IdentityNumber), ("person-key", MatchKey::PersonKey)];

const HINTS: &[(&str, Hint)] = &[("name-and-birth-date", Hint::NameAndBirthDate)];

const WEIGHTS: &[(&str, Weight)] = &[("overwrite", Weight::Overwrite), ("flag", Weight::Flag), ("fill", Weight::Fill)];

const UNANSWERED: &[(&str, Unanswered)] = &[("wait", Unanswered::Wait), ("go-on", Unanswered::GoOn)];

const PRIMARY_KEYS: &[(&str, PrimaryKey)] = &[
    ("active", PrimaryKey::Active),
    ("not-on-leave", PrimaryKey::NotOnLeave),
    ("main", PrimaryKey::Main),
    ("kind", PrimaryKey::Kind),
    ("extent", PrimaryKey::Extent),
    ("start", PrimaryKey::Start),
    ("number", PrimaryKey::Number),
];

const ON_LEAVE: &[(&str, OnLeave)] = &[("keep", OnLeave::Keep), ("disable", OnLeave::Disable)];

impl Default for Settings<'_> {
    fn default() -> Self {
        let share = |percent| Limit { max: None, percent: Some(percent), at_least: 5 };
        Settings {
            matching: Matching { certain: vec![MatchKey::IdentityNumber], doubtful: vec![Hint::NameAndBirthDate] },
            authority: Authority::default(),
            register: Register { refresh: 30, unanswered: Unanswered::Wait },
            primary: PRIMARY_KEYS.iter().map(|(_, key)| *key).collect(),
            stages: Stages {
                create_before: 14,
                enable_before: 0,
                disable_after: 0,
                remove_after: 60,
                ending_notice: 14,
                on_leave: OnLeave::Keep,
            },
            guards: Guards {
                creates: Limit::default(),
                disables: share(10.0),
                removals: share(10.0),
                member_removals: share(25.0),
                licence_removals: share(25.0),
                moves: share(10.0),
                lost: share(20.0),
                silent: Some(7),
            },
            enable: None,
            remove: None,
        }
    }
}

impl<'a> Settings<'a> {
    /// Reads what a file says; the file's other parts are left alone.
    pub(super) fn read(&mut self, root: &Section<'a>) {
        if let Some(section) = root.section("match") {
            if let Some(at) = section.take("certain") {
                self.matching.certain = words(&at, MATCH_KEYS);
                if at.value.get_ref().as_array().is_some_and(|keys| keys.is_empty()) {
                    at.fault("nobody could be told from anybody else", Some("name at least one key".to_owned()));
                }
            }
            if let Some(at) = section.take("doubtful") {
                self.matching.doubtful = words(&at, HINTS);
            }
            section.finish();
        }
        if let Some(section) = root.section("authority") {
            let named = &mut self.authority.named;
            order(&section, &mut self.authority.default, named);
            if let Some(attributes) = section.section("attribute") {
                for (name, section) in attributes.sections() {
                    let mut own = self.authority.default.clone();
                    order(&section, &mut own, named);
                    self.authority.attributes.push((name.to_owned(), own));
                    section.finish();
                }
            }
            section.finish();
        }
        if let Some(section) = root.section("register") {
            if let Some(read) = section.take("refresh").as_ref().and_then(days) {
                self.register.refresh = read;
            }
            if let Some(read) = section.take("unanswered").and_then(|at| at.word(UNANSWERED)) {
                self.register.unanswered = read;
            }
            section.finish();
        }
        if let Some(section) = root.section("primary") {
            if let Some(at) = section.take("order") {
                self.primary = words(&at, PRIMARY_KEYS);
            }
            section.finish();
        }
        if let Some(section) = root.section("stages") {
            self.stages(section);
        }
        if let Some(section) = root.section("guards") {
            self.guards(section);
        }
    }

    fn stages(&mut self, section: Section<'a>) {
        let stages = &mut self.stages;
        let days = |key, target: &mut i32| {
            let at = section.take(key);
            if let Some(read) = at.as_ref().and_then(days) {
                *target = read;
            }
            at
        };
        days("create-before", &mut stages.create_before);
        let enable = days("enable-before", &mut stages.enable_before);
        days("disable-after", &mut stages.disable_after);
        let remove = days("remove-after", &mut stages.remove_after);
        days("ending-notice", &mut stages.ending_notice);
        self.enable = enable.or(self.enable);
        self.remove = remove.or(self.remove);
        if let Some(on_leave) = section.take("on-leave").and_then(|at| at.word(ON_LEAVE)) {
            stages.on_leave = on_leave;
        }
        section.finish();
    }

    fn guards(&mut self, section: Section<'a>) {
        let guards = &mut self.guards;
        let read = |section: &Section<'a>, key, target: &mut Limit| {
            if let Some(read) = section.take(key).and_then(|at| limit(section, key, at)) {
                *target = read;
            }
        };
        read(&section, "creates", &mut guards.creates);
        read(&section, "disables", &mut guards.disables);
        read(&section, "removals", &mut guards.removals);
        read(&section, "member-removals", &mut guards.member_removals);
        read(&section, "licence-removals", &mut guards.licence_removals);
        read(&section, "moves", &mut guards.moves);
        if let Some(source) = section.section("source") {
            read(&source, "lost", &mut guards.lost);
            if let Some(at) = source.take("silent") {
                guards.silent = match at.value.get_ref().as_str() {
                    Some("off") => None,
                    _ => days(&at).or(guards.silent),
                };
            }
            source.finish();
        }
        section.finish();
    }

    /// Notes what does not go together, wherever it was said.
    pub(super) fn check(&self) {
        let Stages { create_before, enable_before, disable_after, remove_after, .. } = self.stages;
        if let Some(at) = self.enable.filter(|_| enable_before > create_before) {
            at.fault(
                "the account would be usable before it is made",
                Some(format!("`create-before` is {create_before} days: write at most that, or make it longer")),
            );
        }
        if let Some(at) = self.remove.filter(|_| remove_after < disable_after) {
            at.fault(
                "the account would be removed before it is disabled",
                Some(format!("`disable-after` is {disable_after} days: write at least that, or make it shorter")),
            );
        }
    }
}

/// Whose word counts.
fn order(section: &Section<'_>, order: &mut Order, named: &mut Vec<(String, Place)>) {
    if let Some(at) = section.take("systems") {
        order.systems.clear();
        for element in at.elements() {
            if let Some(system) = element.text() {
                order.systems.push(system.to_owned());
                named.push((system.to_owned(), element.file.source.place(element.value.span().start)));
            }
        }
    }
    if let Some(read) = section.take("register").and_then(|at| at.word(WEIGHTS)) {
        order.register = read;
    }
}

/// A list of known words, each at most once.
fn words<T: Copy + PartialEq>(at: &At<'_>, choices: &[(&str, T)]) -> Vec<T> {
    let mut found = Vec::new();
    for element in at.elements() {
        match element.word(choices) {
            Some(word) if found.contains(&word) => element.fault("this word stands here twice", None),
            Some(word) => found.push(word),
            None => {}
        }
    }
    found
}

/// A number of days, written as `14 days` or `2 weeks`.
pub(super) fn days(at: &At<'_>) -> Option<i32> {
    let text = at.text()?;
    let read = text.split_once(' ').and_then(|(number, unit)| {
        let number: i32 = number.parse().ok().filter(|number| *number >= 0)?;
        match unit.trim() {
            "day" | "days" => Some(number),
            "week" | "weeks" => number.checked_mul(7),
            _ => None,
        }
    });
    if read.is_none_or(|days| days > MOST_DAYS) {
        let help = format!("write a number and a unit, as in \"14 days\" or \"2 weeks\", at most {MOST_DAYS} days");
        at.fault(format!("`{text}` is not a length of time"), Some(help));
        return None;
    }
    read
}

/// Longer than any career.
const MOST_DAYS: i32 = 36_500;

/// A limit: `{ max = 50 }`, `{ percent = 10, at-least = 5 }`, both, or `"off"`.
fn limit<'a>(home: &Section<'a>, key: &str, at: At<'a>) -> Option<Limit> {
    const HELP: &str = "write { max = 50 }, { percent = 10, at-least = 5 }, or \"off\"";
    if let Some(text) = at.value.get_ref().as_str() {
        if text == "off" {
            return Some(Limit::default());
        }
        at.fault(format!("`{text}` is not a limit"), Some(HELP.to_owned()));
        return None;
    }
    let section = home.inside(key, at.value.span(), at)?;
    let max = section.take("max").and_then(|at| at.count());
    let percent = section.take("percent").and_then(|at| percent(&at));
    let at_least = section.take("at-least").and_then(|at| at.count()).unwrap_or(0);
    let empty = section.is_without(&["max", "percent"]);
    section.finish();
    if empty {
        at.fault("this limit limits nothing", Some(HELP.to_owned()));
    }
    Some(Limit { max, percent, at_least })
}

/// A share, from 0 to 100.
fn percent(at: &At<'_>) -> Option<f64> {
    let number = match at.value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    };
    at.expect(number.filter(|number: &f64| (0.0..=100.0).contains(number)), "a number from 0 to 100")
}
