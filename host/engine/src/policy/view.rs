//! What one evaluation sees: a person and an engagement, or a group, borrowed and never copied.
//!
//! A person without an engagement, and a group, are seen through blanks, so that every expression always has something
//! to look at.

use super::evaluate::GroupKey;
use super::feed::Seen;
use super::rules::NameRule;
use super::table::Tables;
use crate::person::{Engagement, EngagementId, EngagementKind, Person, PersonId, PersonName, Protection, Unit};
use std::sync::LazyLock;

/// Nobody: what a group's attributes see as the person.
pub(super) static NOBODY: LazyLock<Person> = LazyLock::new(|| Person {
    id: PersonId(0),
    number: String::new(),
    name: PersonName::default(),
    protection: Protection::Protected,
    extra: Vec::new(),
    engagements: Vec::new(),
});

/// What `primary` is for a person without one.
pub(super) static BLANK: LazyLock<Engagement> = LazyLock::new(|| Engagement {
    id: EngagementId { source: String::new(), record: String::new() },
    kind: EngagementKind::Guest,
    organisation: String::new(),
    number: String::new(),
    unit: String::new(),
    unit_name: String::new(),
    title: String::new(),
    title_code: String::new(),
    form: String::new(),
    cost_centre: String::new(),
    main: false,
    is_manager: false,
    on_leave: false,
    extent: 0.0,
    start: None,
    end: None,
    manager: None,
    extra: Vec::new(),
});

/// What `unit` is for a person without an engagement.
pub(super) static NO_UNIT: LazyLock<Unit> = LazyLock::new(Unit::default);

/// What one evaluation sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    /// The person.
    pub(super) person: &'a Person,
    /// The primary engagement.
    pub(super) primary: &'a Engagement,
    /// The active engagements, by place in the person's list.
    pub(super) active: &'a [usize],
    /// The engagement that may make the person a member.
    pub(super) engagement: &'a Engagement,
    /// The unit.
    pub(super) unit: &'a Unit,
    /// The kinds of name.
    pub(super) kinds: &'a [NameRule],
    /// The person's names, in the order of the kinds; empty where there is none.
    pub(super) names: &'a [String],
    /// The names that the person had before and that are kept, in the order of the kinds.
    pub(super) aliases: &'a [Vec<String>],
    /// The person's accounts that the rule asks for something.
    pub(super) accounts: &'a [Seen],
    /// The lookup tables.
    pub(super) tables: &'a Tables,
    /// The group whose attributes are wanted.
    pub(super) group: Option<&'a GroupKey>,
}

impl<'a> View<'a> {
    /// The engagements of `engagements`.
    pub(super) fn engagements(&self) -> impl Iterator<Item = &'a Engagement> {
        let person = self.person;
        self.active.iter().filter_map(|at| person.engagements.get(*at))
    }
}
