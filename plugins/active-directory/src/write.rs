//! What a change of the host means for the domain: the writes that carry it out, in order.

use crate::class::{ACCOUNT, Class, Meaning, NAME, Sort};
use crate::describe::{CONTAINER, ENABLED, EXPIRES, KIND, REMOTE_MAILBOX, SCOPE};
use crate::guid::Guid;
use crate::settings::{Exchange, FirstPassword, Settings};
use crate::{control, exchange, filetime, group, rules};
use sluss_sdk::directory::{Dn, to_bytes};
use sluss_sdk::ldap::{self, Operation, Rename, Request};
use sluss_sdk::{Attribute, Edit, Error, Modification, Update, Value};

/// What the operator wants of new accounts.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// How the first password is set.
    pub password: FirstPassword,
    /// Whether it has to be changed at the first login.
    pub must_change: bool,
    /// Whether attributes of Exchange are written.
    pub exchange: bool,
}

impl From<&Settings> for Ways {
    fn from(settings: &Settings) -> Self {
        let Settings { password, must_change, exchange, .. } = *settings;
        Ways { password, must_change, exchange: exchange == Exchange::Hybrid }
    }
}

/// An entry as it is before it is changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    /// Its name.
    pub dn: Dn,
    /// Its `userAccountControl`, where it was asked for.
    pub control: Option<i64>,
    /// Its `sAMAccountName`, where it was asked for.
    pub account: Option<String>,
}

/// What has to be known of an entry to change it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Its `userAccountControl`.
    pub control: bool,
    /// Its `sAMAccountName`.
    pub account: bool,
}

/// The writes of one change.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The name of the entry after them.
    pub dn: Dn,
    /// All name the entry as it is before the first.
    pub requests: Vec<Request>,
}

/// What is wrong with another value of `expires`.
const ONE_DAY: &str = "`expires` is one day, such as 2026-12-31";

impl Class {
    /// The value that names an entry made with these attributes, and the attribute that it is taken from.
    fn naming<'a>(&self, attributes: &'a [Attribute]) -> Result<(&'a str, &'a str), Error> {
        let find =
            |name: &str| attributes.iter().find(|own| own.name.eq_ignore_ascii_case(name) && !own.values.is_empty());
        let (found, wanted) = match &self.rdn {
            Some(rdn) => (find(rdn), rdn.as_str()),
            None => (find(NAME).or_else(|| find(ACCOUNT)), ACCOUNT),
        };
        let named = found.and_then(|own| Some((own.values.first()?.as_text()?, own.name.as_str())));
        let (text, attribute) = named.ok_or_else(|| {
            let message = format!("A new {} needs `{wanted}` as text, which names its entry", self.name());
            Error::invalid(message).attribute(wanted)
        })?;
        rules::name(attribute, text)?;
        Ok((text, attribute))
    }

    /// The attribute that names an entry made with these attributes.
    pub fn named_by<'a>(&self, attributes: &'a [Attribute]) -> Option<&'a str> {
        self.naming(attributes).ok().map(|(_, attribute)| attribute)
    }

    /// The name that an entry made with these attributes gets.
    pub fn dn(&self, attributes: &[Attribute]) -> Result<Dn, Error> {
        let (text, _) = self.naming(attributes)?;
        let container = attributes.iter().find(|own| own.name == CONTAINER);
        let container = container.map_or(Ok(self.container.clone()), |own| self.container_of(&own.values))?;
        Ok(container.child(NAME, text))
    }

    /// The container that the values of the attribute `container` mean; the class's own where there are none.
    fn container_of(&self, values: &[Value]) -> Result<Dn, Error> {
        let odd = |message: &str| Error::invalid(message).attribute(CONTAINER);
        match values {
            [] => Ok(self.container.clone()),
            [Value::Text(text)] => Ok(Dn::parse(text).map_err(|e| odd(&e.message))?.within(&self.base)),
            _ => Err(odd("`container` is one text: a name relative to the base")),
        }
    }

    /// The writes that make an object. `stand_in` gives what stands for its first password.
    pub fn create(
        &self,
        change: u64,
        attributes: &[Attribute],
        ways: Ways,
        stand_in: impl FnOnce() -> Result<String, Error>,
    ) -> Result<Plan, Error> {
        let dn = self.dn(attributes)?;
        let (_, naming) = self.naming(attributes)?;
        if !attributes.iter().any(|own| own.name.eq_ignore_ascii_case(ACCOUNT) && !own.values.is_empty()) {
            return Err(Error::invalid(format!("A new {} needs `{ACCOUNT}`", self.name())).attribute(ACCOUNT));
        }
        let mut own = vec![attribute("objectClass", [self.name().into()])];
        let (mut is_enabled, mut kind, mut scope) = (true, None, None);
        for Attribute { name, values } in attributes {
            match self.meaning(name) {
                Meaning::Container => {}
                Meaning::Enabled => is_enabled = enabled(values)?,
                Meaning::GroupKind => kind = word(name, values, group::kind_of)?,
                Meaning::GroupScope => scope = word(name, values, group::scope_of)?,
                Meaning::Expires if values.is_empty() => {}
                Meaning::RemoteMailbox if !truth(name, values)? => {}
                Meaning::Own(_) if name.eq_ignore_ascii_case(NAME) => {
                    if !values.is_empty() {
                        self.is_own_name(naming)?;
                    }
                }
                _ => own.extend(self.written(name, values, ways)?),
            }
        }
        own.retain(|attribute| !attribute.values.is_empty());
        let mut requests = Vec::with_capacity(1);
        let request = |operation| Request { change, dn: dn.to_string(), operation };
        match (self.sort, ways.password) {
            (Sort::Group, _) => {
                // Security groups that reach the whole domain are what Windows makes unless told otherwise.
                let kind = kind.or_else(|| group::kind_of("security")).unwrap_or_default();
                let scope = scope.or_else(|| group::scope_of("global")).unwrap_or_default();
                own.push(attribute(group::ATTRIBUTE, [group::written(kind, scope)]));
                requests.push(request(Operation::Add(own)));
            }
            (Sort::User, FirstPassword::None) => {
                own.push(attribute(control::ATTRIBUTE, [control::written(control::new(is_enabled))]));
                requests.push(request(Operation::Add(own)));
            }
            (Sort::User, FirstPassword::Add) => {
                own.push(attribute(control::ATTRIBUTE, [control::written(control::new(is_enabled))]));
                own.push(attribute(PASSWORD, [stand_in()?.into_bytes()]));
                own.extend(ways.must_change.then(|| attribute(PASSWORD_SET, [AT_ONCE.to_vec()])));
                requests.push(request(Operation::Add(own)));
            }
            (Sort::User, FirstPassword::Modify) => {
                own.push(attribute(control::ATTRIBUTE, [control::written(control::new(false))]));
                requests.push(request(Operation::Add(own)));
                let password = attribute(PASSWORD, [stand_in()?.into_bytes()]);
                requests.push(request(Operation::Modify(vec![replace(password)])));
                let must_change = ways.must_change.then(|| attribute(PASSWORD_SET, [AT_ONCE.to_vec()]));
                let open = control::written(control::new(true));
                let open = is_enabled.then(|| attribute(control::ATTRIBUTE, [open]));
                let last: Vec<_> = must_change.into_iter().chain(open).map(replace).collect();
                if !last.is_empty() {
                    requests.push(request(Operation::Modify(last)));
                }
            }
        }
        Ok(Plan { dn, requests })
    }

    /// What has to be known of an entry before this can be done to it.
    pub fn needs(&self, update: &Update) -> Needs {
        let edits = |name: &str| update.modifications.iter().any(|edit| edit.attribute.eq_ignore_ascii_case(name));
        Needs {
            control: self.sort == Sort::User && update.modifications.iter().any(|edit| edit.attribute == ENABLED),
            account: self.rdn.is_none() && edits(ACCOUNT) && !edits(NAME),
        }
    }

    /// The writes that change an object.
    pub fn update(&self, change: u64, update: &Update, seat: &Seat, ways: Ways) -> Result<Plan, Error> {
        let parent = seat.dn.parent().ok_or_else(|| Error::invalid("The root cannot be changed"))?;
        let mut container = parent.clone();
        let mut edits = Vec::with_capacity(update.modifications.len());
        for Modification { attribute: name, edit } in &update.modifications {
            let (kind, values) = match edit {
                Edit::Add(values) => (ldap::Edit::Add, values),
                Edit::Remove(values) => (ldap::Edit::Remove, values),
                Edit::Replace(values) => (ldap::Edit::Replace, values),
            };
            let meaning = self.meaning(name);
            let is_own = matches!(meaning, Meaning::Own(_)) && !name.eq_ignore_ascii_case(NAME);
            if kind != ldap::Edit::Replace && !is_own {
                return Err(Error::invalid(format!("`{name}` can only be replaced")).attribute(name));
            }
            if kind != ldap::Edit::Replace && values.is_empty() {
                continue;
            }
            match meaning {
                Meaning::Container => container = self.container_of(values)?,
                Meaning::Enabled => {
                    let before = seat.control.ok_or_else(|| {
                        Error::permission(
                            "This account may not read userAccountControl, so nothing can be opened or closed: see what to \
                             grant in the connector's documentation",
                        )
                        .attribute(ENABLED)
                    })?;
                    let bits = control::with(before, enabled(values)?);
                    if bits != before {
                        edits.push(replace(attribute(control::ATTRIBUTE, [control::written(bits)])));
                    }
                }
                Meaning::GroupKind | Meaning::GroupScope => {
                    let message =
                        format!("`{name}` is set when a group is made: change it by hand, or make another group");
                    return Err(Error::invalid(message).attribute(name));
                }
                Meaning::Own(_) if name.eq_ignore_ascii_case(NAME) => {}
                _ => {
                    let written = self.written(name, values, ways)?.into_iter();
                    edits.extend(written.map(|attribute| ldap::Modification { edit: kind, attribute }));
                }
            }
        }
        let text = self.renamed(update, seat)?;
        let current = seat.dn.value_of(NAME).unwrap_or_default();
        let container = if container.key() == parent.key() { parent.clone() } else { container };
        let dn = container.child(NAME, text.unwrap_or(current));
        let request = |operation| Request { change, dn: seat.dn.to_string(), operation };
        let mut requests = Vec::with_capacity(2);
        if !edits.is_empty() {
            requests.push(request(Operation::Modify(edits)));
        }
        if dn != seat.dn {
            let above = (container != parent).then(|| container.to_string());
            requests.push(request(Operation::Rename(Rename { rdn: dn.rdn_text(), parent: above })));
        }
        Ok(Plan { dn, requests })
    }

    /// The value that names the entry from now on, if an edit changes it.
    fn renamed<'a>(&self, update: &'a Update, seat: &Seat) -> Result<Option<&'a str>, Error> {
        let find = |name: &str| update.modifications.iter().find(|edit| edit.attribute.eq_ignore_ascii_case(name));
        let source = self.rdn.as_deref().unwrap_or(NAME);
        let mut found = find(source);
        if self.rdn.is_some() && find(NAME).is_some() {
            self.is_own_name(source)?;
        }
        // Without a `cn`, an entry that is named by its user name goes on being so.
        if found.is_none() && self.rdn.is_none() {
            let current = seat.dn.value_of(NAME);
            let is_so = seat.account.as_deref().zip(current).is_some_and(|(own, name)| own.eq_ignore_ascii_case(name));
            found = find(ACCOUNT).filter(|_| is_so);
        }
        let Some(Modification { attribute, edit }) = found else { return Ok(None) };
        match edit {
            Edit::Replace(values) => match values.first() {
                Some(value) => {
                    let odd = || Error::invalid("The value that names an entry is text").attribute(attribute);
                    let text = value.as_text().ok_or_else(odd)?;
                    rules::name(attribute, text)?;
                    Ok(Some(text))
                }
                // The rule no longer names the entry; it keeps the name that it has.
                None if self.rdn.is_none() => Ok(None),
                None => {
                    Err(Error::invalid("The attribute that names the entry cannot be emptied").attribute(attribute))
                }
            },
            Edit::Add(_) | Edit::Remove(_) => {
                Err(Error::invalid("The attribute that names the entry can only be replaced").attribute(attribute))
            }
        }
    }

    /// Whether `cn`, which is the name of the entry, may be given: it is taken from this attribute.
    fn is_own_name(&self, naming: &str) -> Result<(), Error> {
        if naming.eq_ignore_ascii_case(NAME) {
            return Ok(());
        }
        let message =
            format!("`{NAME}` is the name of the entry, which classes.{}.rdn takes from `{naming}`", self.name());
        Err(Error::config(message).attribute(NAME))
    }

    /// An attribute as the directory names it, with its values as the directory writes them.
    fn written(&self, name: &str, given: &[Value], ways: Ways) -> Result<Vec<ldap::Attribute>, Error> {
        match self.meaning(name) {
            Meaning::Expires => match given {
                [] => Ok(vec![attribute("accountExpires", [filetime::written(None)])]),
                [Value::Date(last)] => Ok(vec![attribute("accountExpires", [filetime::written(Some(*last))])]),
                [Value::Text(text)] if text.is_empty() => {
                    Ok(vec![attribute("accountExpires", [filetime::written(None)])])
                }
                // A policy's expressions give days as texts.
                [Value::Text(text)] => {
                    let last = filetime::day(text).ok_or_else(|| Error::invalid(ONE_DAY).attribute(EXPIRES))?;
                    Ok(vec![attribute("accountExpires", [filetime::written(Some(last))])])
                }
                _ => Err(Error::invalid(ONE_DAY).attribute(EXPIRES)),
            },
            Meaning::RemoteMailbox => {
                rules::may_be_written(REMOTE_MAILBOX, ways.exchange)?;
                let is_remote = truth(name, given)?;
                let values = |text: &str| if is_remote { vec![text.into()] } else { Vec::new() };
                Ok(exchange::REMOTE.map(|(name, text)| attribute(name, values(text))).to_vec())
            }
            _ => {
                rules::may_be_written(name, ways.exchange)?;
                rules::values(self.sort, name, given)?;
                let values = given.iter().map(value).collect::<Result<Vec<_>, _>>();
                let values = values.map_err(|error| error.attribute(name))?;
                Ok(vec![attribute(name, values)])
            }
        }
    }
}

/// The first password.
const PASSWORD: &str = "unicodePwd";
/// When the password was set, and the moment that stands for never: it has to be changed at once.
const PASSWORD_SET: &str = "pwdLastSet";
const AT_ONCE: &[u8] = b"0";

fn attribute(name: &str, values: impl IntoIterator<Item = Vec<u8>>) -> ldap::Attribute {
    ldap::Attribute { name: name.to_owned(), values: values.into_iter().collect() }
}

fn replace(attribute: ldap::Attribute) -> ldap::Modification {
    ldap::Modification { edit: ldap::Edit::Replace, attribute }
}

/// A value as the directory writes it: references by the GUIDs of what they refer to, moments with a fraction of nought.
fn value(value: &Value) -> Result<Vec<u8>, Error> {
    match value {
        Value::Reference(id) => match Guid::parse(id) {
            Some(guid) => Ok(guid.as_name().into_bytes()),
            None => Err(Error::invalid("A reference is not the id of an object of this domain")),
        },
        Value::Date(_) | Value::Timestamp(_) => {
            let mut written = to_bytes(value);
            written.truncate("20240229123456".len());
            written.extend(b".0Z");
            Ok(written)
        }
        other => Ok(to_bytes(other)),
    }
}

fn enabled(values: &[Value]) -> Result<bool, Error> {
    match values {
        [] => Ok(true),
        _ => truth(ENABLED, values),
    }
}

fn truth(name: &str, values: &[Value]) -> Result<bool, Error> {
    match values {
        [] => Ok(false),
        [Value::Boolean(truth)] => Ok(*truth),
        _ => Err(Error::invalid(format!("`{name}` is yes or no")).attribute(name)),
    }
}

/// The bits that a word stands for; none where there is no word.
fn word(name: &str, values: &[Value], bits: impl Fn(&str) -> Option<u32>) -> Result<Option<u32>, Error> {
    match values {
        [] => Ok(None),
        [Value::Text(text)] if bits(text).is_some() => Ok(bits(text)),
        _ => {
            let words = match name {
                KIND => "`security` or `distribution`",
                SCOPE => "`global`, `domain-local` or `universal`",
                _ => "another word",
            };
            Err(Error::invalid(format!("`{name}` is {words}")).attribute(name))
        }
    }
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
