//! Every word that an expression may use: variables, their fields, and functions.
//!
//! One table serves the checker, the evaluation and the reference that administrators read, so that they cannot
//! disagree.

use super::function::Function;
use super::table::Tables;
use crate::numbers;
use crate::person::{Engagement, EngagementKind, Person, Protection, Unit};
use crate::value::Attributes;
use std::borrow::Cow;
use std::fmt;

/// What a policy adds to the words: its kinds of name, its accounts and its tables.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The kinds of name, in file order.
    pub(super) kinds: Vec<String>,
    /// The kinds of name that stay aliases for a while after they were replaced.
    pub(super) kept: Vec<String>,
    /// The account rules, in file order.
    pub(super) accounts: Vec<String>,
    /// The tables.
    pub(super) tables: Tables,
}

/// Where an expression is used; decides which variables there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// For a kind of name.
    Name,
    /// For an account.
    Account,
    /// For the members of a group, engagement by engagement.
    Member,
    /// For a group's attributes.
    Group,
    /// For a message.
    Message,
}

impl Setting {
    /// Every setting.
    pub(super) const ALL: [Setting; 5] =
        [Setting::Name, Setting::Account, Setting::Member, Setting::Group, Setting::Message];

    /// What an administrator calls it.
    pub(super) fn described(self) -> &'static str {
        match self {
            Setting::Name => "names",
            Setting::Account => "accounts",
            Setting::Member => "`when` and `for-each` of groups",
            Setting::Group => "attributes of groups",
            Setting::Message => "messages",
        }
    }
}

/// What kind of value an expression gives, as far as is known before it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// Yes or no.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Real,
    /// Known only when it is evaluated.
    Any,
    /// No value at all: the element of an empty list.
    Nothing,
    /// Several of one kind.
    List(Box<Kind>),
    /// Written out in the expression: from text to a kind.
    Map(Box<Kind>),
    /// The variable `person`.
    Person,
    /// One engagement.
    Engagement,
    /// Every active engagement.
    Engagements,
    /// A unit.
    Unit,
    /// The variable `names`.
    Names,
    /// The variable `aliases`.
    Aliases,
    /// The variable `accounts`.
    Accounts,
    /// The person's account by this rule.
    Account(String),
    /// What else a record says.
    Extra,
    /// The variable `table`.
    Tables,
    /// One table.
    Table(String),
    /// An entry of this table.
    Entry(String),
}

impl Kind {
    /// What an administrator calls it.
    pub(super) fn described(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Kind::Text => "text",
            Kind::Boolean => "true or false",
            Kind::Integer => "a whole number",
            Kind::Real => "a number",
            Kind::Any => "a value",
            Kind::Nothing => "nothing",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
            Kind::Person => "the whole person",
            Kind::Engagement => "a whole engagement",
            Kind::Engagements => "a list of engagements",
            Kind::Unit => "a whole unit",
            Kind::Names => "all names",
            Kind::Aliases => "all aliases",
            Kind::Accounts => "all accounts",
            Kind::Account(name) => return Cow::Owned(format!("the whole account `{name}`")),
            Kind::Extra => "everything extra",
            Kind::Tables => "all tables",
            Kind::Table(name) => return Cow::Owned(format!("the whole table `{name}`")),
            Kind::Entry(name) => return Cow::Owned(format!("a whole entry of the table `{name}`")),
        })
    }

    /// The kind of the elements that one can go through.
    pub(super) fn element(&self) -> Option<Kind> {
        match self {
            Kind::List(element) => Some((**element).clone()),
            Kind::Engagements => Some(Kind::Engagement),
            Kind::Map(_) => Some(Kind::Text),
            Kind::Any => Some(Kind::Any),
            _ => None,
        }
    }

    /// Whether it may turn out to be text, a number, or true or false.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Kind::Text | Kind::Boolean | Kind::Integer | Kind::Real | Kind::Any | Kind::Nothing)
    }
}

/// A value that a field gives, not copied where that is possible.
#[derive(Debug)]
pub(super) enum Datum<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Yes or no.
    Boolean(bool),
    /// A number.
    Real(f64),
    /// What else a record says.
    Extra(&'a Attributes),
}

/// One field of something.
pub(super) struct Field<O: 'static> {
    /// Its name in expressions.
    pub(super) name: &'static str,
    /// What kind of value it gives.
    pub(super) kind: Kind,
    /// What it is.
    pub(super) about: &'static str,
    /// Gives it.
    pub(super) get: for<'a> fn(&'a O) -> Datum<'a>,
}

impl<O> fmt::Debug for Field<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const fn text<O>(name: &'static str, about: &'static str, get: for<'a> fn(&'a O) -> Datum<'a>) -> Field<O> {
    Field { name, kind: Kind::Text, about, get }
}

const fn flag<O>(name: &'static str, about: &'static str, get: for<'a> fn(&'a O) -> Datum<'a>) -> Field<O> {
    Field { name, kind: Kind::Boolean, about, get }
}

fn borrowed(text: &str) -> Datum<'_> {
    Datum::Text(Cow::Borrowed(text))
}

fn day(date: Option<jiff::civil::Date>) -> Datum<'static> {
    Datum::Text(date.map_or(Cow::Borrowed(""), |date| Cow::Owned(date.to_string())))
}

/// The fields of `person`.
pub(super) static PERSON: &[Field<Person>] = &[
    text("given", "the name that is used, one or two of the first names", |person| borrowed(&person.name.given)),
    text("first", "all first names", |person| borrowed(&person.name.first)),
    text("middle", "the middle name, often empty", |person| borrowed(&person.name.middle)),
    text("surname", "the surname", |person| borrowed(&person.name.surname)),
    text("display", "given name and surname with a space between", |person| {
        let name = &person.name;
        if name.given.is_empty() || name.surname.is_empty() {
            return Datum::Text(Cow::Borrowed(if name.given.is_empty() { &name.surname } else { &name.given }));
        }
        Datum::Text(Cow::Owned(format!("{} {}", name.given, name.surname)))
    }),
    text("number", "the identity number, twelve characters; empty where no source gives one", |person| {
        borrowed(&person.number)
    }),
    text("birth_date", "the date that the identity number shows, as 1980-01-02; empty where it shows none", |person| {
        day(numbers::birth_date(&person.number))
    }),
    flag("protected", "whether the person's data is protected, or nobody says that it is not", |person| {
        Datum::Boolean(person.protection == Protection::Protected)
    }),
    Field {
        name: "extra",
        kind: Kind::Extra,
        about: "what else sources and registers say of the person: `person.extra[\"email\"]`; empty where they say nothing",
        get: |person| Datum::Extra(&person.extra),
    },
];

/// The fields of an engagement.
pub(super) static ENGAGEMENT: &[Field<Engagement>] = &[
    text("kind", "employment, placement or guest", |engagement| {
        borrowed(match engagement.kind {
            EngagementKind::Employment => "employment",
            EngagementKind::Placement => "placement",
            EngagementKind::Guest => "guest",
        })
    }),
    text("source", "the system that it was read from", |engagement| borrowed(&engagement.id.source)),
    text("organisation", "the organisation's code", |engagement| borrowed(&engagement.organisation)),
    text("number", "the employment's number within the organisation", |engagement| borrowed(&engagement.number)),
    text("unit", "the unit's code", |engagement| borrowed(&engagement.unit)),
    text("unit_name", "the unit's name, as this record gives it", |engagement| borrowed(&engagement.unit_name)),
    text("title", "the title", |engagement| borrowed(&engagement.title)),
    text("title_code", "the code of the title (AID)", |engagement| borrowed(&engagement.title_code)),
    text("form", "the form of employment, as the source codes it", |engagement| borrowed(&engagement.form)),
    text("cost_centre", "the cost centre", |engagement| borrowed(&engagement.cost_centre)),
    flag("main", "whether the source calls it the main one", |engagement| Datum::Boolean(engagement.main)),
    flag("is_manager", "whether the person leads the unit", |engagement| Datum::Boolean(engagement.is_manager)),
    flag("on_leave", "whether the person is on leave from it", |engagement| Datum::Boolean(engagement.on_leave)),
    Field {
        name: "extent",
        kind: Kind::Real,
        about: "per cent of full time",
        get: |engagement| Datum::Real(engagement.extent),
    },
    text("start", "the first day, as 2026-01-31; empty for from always", |engagement| day(engagement.start)),
    text("end", "the last day, which still counts; empty while it is open", |engagement| day(engagement.end)),
    Field {
        name: "extra",
        kind: Kind::Extra,
        about: "what else the record says: `extra[\"heroma:shift\"]`; empty where it says nothing",
        get: |engagement| Datum::Extra(&engagement.extra),
    },
];

/// The fields of `unit`.
pub(super) static UNIT: &[Field<Unit>] = &[
    text("code", "the unit's code", |unit| borrowed(&unit.code)),
    text("name", "the unit's name", |unit| borrowed(&unit.name)),
    text("organisation", "the organisation's code", |unit| borrowed(&unit.organisation)),
    text("parent", "the code of the unit above, empty at the top", |unit| borrowed(&unit.parent)),
    text("cost_centre", "the unit's cost centre", |unit| borrowed(&unit.cost_centre)),
];

/// The field of that name.
pub(super) fn field<O>(fields: &'static [Field<O>], name: &str) -> Option<&'static Field<O>> {
    fields.iter().find(|field| field.name == name)
}

/// A variable.
pub(super) struct Variable {
    /// Its name.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// Where it is there.
    pub(super) settings: &'static [Setting],
    /// What it is.
    pub(super) about: &'static str,
}

const OF_PERSON: &[Setting] = &[Setting::Name, Setting::Account, Setting::Member, Setting::Message];

/// Every variable.
pub(super) static VARIABLES: &[Variable] = &[
    Variable { name: "person", kind: Kind::Person, settings: OF_PERSON, about: "the person" },
    Variable {
        name: "primary",
        kind: Kind::Engagement,
        settings: OF_PERSON,
        about: "the primary engagement; its texts are empty for a person without one",
    },
    Variable { name: "engagements", kind: Kind::Engagements, settings: OF_PERSON, about: "every active engagement" },
    Variable {
        name: "engagement",
        kind: Kind::Engagement,
        settings: &[Setting::Member],
        about: "the engagement that may make the person a member",
    },
    Variable {
        name: "unit",
        kind: Kind::Unit,
        settings: &Setting::ALL,
        about: "the unit: of the primary engagement, of `engagement`, or that the group is for",
    },
    Variable {
        name: "names",
        kind: Kind::Names,
        settings: &[Setting::Account, Setting::Message],
        about: "the person's names, by kind: `names.username`",
    },
    Variable {
        name: "aliases",
        kind: Kind::Aliases,
        settings: &[Setting::Account],
        about: "the names that the person had before and that are kept for a while, by kind, the newest first: `aliases.mail`",
    },
    Variable {
        name: "accounts",
        kind: Kind::Accounts,
        settings: &[Setting::Account],
        about: "the person's accounts by other rules: `accounts.directory.id` is the target's id, any other field an \
                attribute that the target computed or Sluss wrote; a list where it has several values",
    },
    Variable {
        name: "table",
        kind: Kind::Tables,
        settings: &Setting::ALL,
        about: "the lookup tables: `table.organisation[primary.organisation].domain`",
    },
    Variable { name: "key", kind: Kind::Text, settings: &[Setting::Group], about: "what the group is for, as a code" },
    Variable { name: "title", kind: Kind::Text, settings: &[Setting::Group], about: "what the group is for, readable" },
    Variable {
        name: "organisation",
        kind: Kind::Text,
        settings: &[Setting::Group],
        about: "the code of the organisation that the group is for, empty where it is for several",
    },
];

/// The variable of that name.
pub(super) fn variable(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|variable| variable.name == name)
}

/// The function of that name.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    super::function::FUNCTIONS.iter().find(|function| function.name == name)
}
