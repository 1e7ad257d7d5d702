//! What a change of the host means for a directory: the writes that carry it out.

use super::class::{CONTAINER, Class, ENABLED, MEMBER};
use super::dn::Dn;
use super::text::to_bytes;
use crate::ldap::{self, Request};
use crate::{Change, Edit, Error, Modification, Operation, Update, Value};

/// The writes of one change, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The object's id after the writes; of a removed object, its last one.
    pub id: String,
    /// The writes; none where there is nothing to do. All name the entry as it is before the first.
    pub requests: Vec<Request>,
}

impl Class {
    /// What a change means. It asks nobody: a server is not read before it is written.
    pub fn plan(&self, change: &Change) -> Result<Plan, Error> {
        match &change.operation {
            Operation::Create(attributes) => {
                let dn = self.dn(attributes)?;
                let mut own = Vec::with_capacity(attributes.len() + 2);
                add(&mut own, "objectClass", self.object_classes.iter().map(|class| class.clone().into_bytes()));
                for attribute in attributes.iter().filter(|attribute| attribute.name != CONTAINER) {
                    let (name, values) = self.written(&attribute.name, &attribute.values)?;
                    add(&mut own, &name, values);
                }
                if let (Some(member), Some(stand_in)) = (&self.member, &self.stand_in) {
                    add(&mut own, member, [stand_in.to_string().into_bytes()]);
                }
                own.retain(|attribute| !attribute.values.is_empty());
                let id = dn.to_string();
                let operation = ldap::Operation::Add(own);
                Ok(Plan { requests: vec![Request { change: change.id, dn: id.clone(), operation }], id })
            }
            Operation::Update(update) => self.update(change.id, update),
            Operation::Remove(id) => {
                let id = Dn::parse(id)?.to_string();
                let request = Request { change: change.id, dn: id.clone(), operation: ldap::Operation::Remove };
                Ok(Plan { id, requests: vec![request] })
            }
        }
    }

    fn update(&self, change: u64, update: &Update) -> Result<Plan, Error> {
        let before = Dn::parse(&update.id)?;
        let parent = before.parent().ok_or_else(|| Error::invalid("The root cannot be changed"))?;
        let mut after = before.clone();
        let mut edits = Vec::with_capacity(update.modifications.len());
        for Modification { attribute, edit } in &update.modifications {
            if attribute == CONTAINER {
                let Edit::Replace(values) = edit else {
                    return Err(Error::invalid("`container` can only be replaced").attribute(CONTAINER));
                };
                let container = self.container_of(values)?;
                if container.key() != parent.key() {
                    after = step(&after).within(&container);
                }
                continue;
            }
            let current = before.value_of(&self.rdn).filter(|_| attribute.eq_ignore_ascii_case(&self.rdn));
            match current {
                Some(current) => after = self.rename(current, edit, &after, &mut edits)?,
                None => edits.extend(self.edit(attribute, edit)?),
            }
        }
        let request = |operation| Request { change, dn: before.to_string(), operation };
        let mut requests = Vec::with_capacity(2);
        if !edits.is_empty() {
            requests.push(request(ldap::Operation::Modify(edits)));
        }
        if after != before {
            let above = after.parent().filter(|above| above.key() != parent.key()).map(|above| above.to_string());
            requests.push(request(ldap::Operation::Rename(ldap::Rename { rdn: after.rdn_text(), parent: above })));
        }
        Ok(Plan { id: after.to_string(), requests })
    }

    /// An edit of the naming attribute. Where its value in the name goes, the entry gets a new name, which replaces that
    /// value; all other values are edited as ever.
    fn rename(&self, current: &str, edit: &Edit, name: &Dn, edits: &mut Vec<ldap::Modification>) -> Result<Dn, Error> {
        let is_current = |value: &Value| to_bytes(value) == current.as_bytes();
        match edit {
            Edit::Replace(values) if !values.iter().any(is_current) => {
                let (first, others) = values.split_first().ok_or_else(|| {
                    Error::invalid("The attribute that names the entry cannot be emptied").attribute(self.rdn.clone())
                })?;
                let mut kept = vec![Value::from(current)];
                kept.extend_from_slice(others);
                edits.extend(self.edit(&self.rdn, &Edit::Replace(kept))?);
                self.named(&name.parent().unwrap_or_default(), first)
            }
            Edit::Remove(values) if values.iter().any(is_current) => {
                Err(Error::invalid("The value that names the entry can be replaced, not removed")
                    .attribute(self.rdn.clone()))
            }
            other => {
                edits.extend(self.edit(&self.rdn, other)?);
                Ok(name.clone())
            }
        }
    }

    fn edit(&self, attribute: &str, edit: &Edit) -> Result<Option<ldap::Modification>, Error> {
        let (kind, values) = match edit {
            Edit::Add(values) => (ldap::Edit::Add, values),
            Edit::Remove(values) => (ldap::Edit::Remove, values),
            Edit::Replace(values) => (ldap::Edit::Replace, values),
        };
        if values.is_empty() && kind != ldap::Edit::Replace {
            return Ok(None);
        }
        if attribute == ENABLED && self.disable.is_some() && kind != ldap::Edit::Replace {
            return Err(Error::invalid("`enabled` can only be replaced").attribute(ENABLED));
        }
        let (name, mut values) = self.written(attribute, values)?;
        if let (MEMBER, ldap::Edit::Replace, Some(stand_in)) = (attribute, kind, &self.stand_in) {
            values.push(stand_in.to_string().into_bytes());
        }
        Ok(Some(ldap::Modification { edit: kind, attribute: ldap::Attribute { name, values } }))
    }

    /// An attribute as the directory names it, with its values as the directory writes them.
    fn written(&self, attribute: &str, values: &[Value]) -> Result<(String, Vec<Vec<u8>>), Error> {
        if let (ENABLED, Some(disable)) = (attribute, &self.disable) {
            let written = match values {
                [Value::Boolean(false)] => Some(&disable.value),
                [Value::Boolean(true)] | [] => disable.enabled.as_ref(),
                _ => return Err(Error::invalid("`enabled` is yes or no").attribute(ENABLED)),
            };
            return Ok((
                disable.attribute.clone(),
                written.map(|value| value.clone().into_bytes()).into_iter().collect(),
            ));
        }
        let name = self.attribute(attribute).unwrap_or_else(|| attribute.to_owned());
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b';' | b'_');
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(Error::invalid("This cannot be the name of an attribute in a directory").attribute(attribute));
        }
        Ok((name, values.iter().map(to_bytes).collect()))
    }
}

/// The first step of a name, alone.
fn step(name: &Dn) -> Dn {
    name.relative_to(&name.parent().unwrap_or_default()).unwrap_or_default()
}

/// Adds values to an attribute of a new entry, each once.
fn add(attributes: &mut Vec<ldap::Attribute>, name: &str, values: impl IntoIterator<Item = Vec<u8>>) {
    let at = attributes.iter().position(|own| own.name.eq_ignore_ascii_case(name)).unwrap_or_else(|| {
        attributes.push(ldap::Attribute { name: name.to_owned(), values: Vec::new() });
        attributes.len() - 1
    });
    let own = &mut attributes[at].values;
    own.extend(values);
    if own.len() < 2 {
        return;
    }
    let mut seen = std::collections::HashSet::with_capacity(own.len());
    own.retain(|value| seen.insert(value.to_ascii_lowercase()));
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
