//! The plan: every difference between what shall be and what is, as people and programs read it.

use crate::change::Edit;
use crate::person::EngagementId;
use crate::value::{Attributes, Value};
use serde::{Deserialize, Serialize};

/// What a change does, as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// An object is made.
    Create,
    /// Attributes change.
    Update,
    /// An account is opened again.
    Enable,
    /// An account is closed.
    Disable,
    /// An object is removed.
    Remove,
    /// Members of a group come and go.
    Members,
    /// An account gets licences, or loses them.
    Licences,
}

impl Action {
    /// The word that people see.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Enable => "enable",
            Action::Disable => "disable",
            Action::Remove => "remove",
            Action::Members => "members",
            Action::Licences => "licences",
        }
    }
}

/// Why something is to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// The rule, as `account directory` or `group unit`.
    pub rule: String,
    /// The engagement that made the rule apply; none if it is the end of all of them.
    pub engagement: Option<EngagementId>,
    /// The stage of the person.
    pub stage: Option<String>,
}

/// One change of a plan, for reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanLine {
    /// The system.
    pub target: String,
    /// The class of the object.
    pub class: String,
    /// What happens.
    pub action: Action,
    /// The object, by what people call it.
    pub object: String,
    /// The attributes that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeLine>,
    /// Members that come, by what people call them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Members that go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// How one attribute changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeLine {
    /// Its name.
    pub name: String,
    /// The values as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// The values as they shall be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

/// The attribute that says whether an account may be used.
pub const ENABLED: &str = "enabled";

/// The edits that turn what is known into what is wanted. Attributes that no rule speaks of are left alone.
pub fn difference(wanted: &Attributes, known: &Attributes) -> Vec<(String, Edit)> {
    let mut edits = Vec::new();
    for (name, values) in wanted {
        let have = known.iter().find(|(known, _)| known == name).map_or(&[][..], |(_, values)| values);
        if !same(values, have) {
            edits.push((name.clone(), Edit::Replace(values.clone())));
        }
    }
    // A rule that no longer speaks of an attribute which it once wrote takes the value back.
    for (name, have) in known {
        if !have.is_empty() && !wanted.iter().any(|(wanted, _)| wanted == name) {
            edits.push((name.clone(), Edit::Replace(Vec::new())));
        }
    }
    edits
}

/// Values are a set: their order says nothing.
fn same(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && (a == b || a.iter().all(|value| b.contains(value)))
}

/// What an update is called when people read it.
pub fn action(edits: &[(String, Edit)]) -> Action {
    for (name, edit) in edits {
        if name == ENABLED
            && let Edit::Replace(values) = edit
        {
            return if values.as_slice() == [Value::Boolean(false)] { Action::Disable } else { Action::Enable };
        }
    }
    Action::Update
}

/// Sets what an attribute holds. One without a value stands for the statement that it has none.
pub fn set(attributes: &mut Attributes, name: &str, values: Vec<Value>) {
    match attributes.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = values,
        None => attributes.push((name.to_owned(), values)),
    }
}

/// Carries edits out on a copy of the attributes, as the target does.
pub fn edit(attributes: &mut Attributes, edits: &[(String, Edit)]) {
    for (name, edit) in edits {
        let slot = match attributes.iter().position(|(known, _)| known == name) {
            Some(index) => index,
            None => {
                attributes.push((name.clone(), Vec::new()));
                attributes.len() - 1
            }
        };
        let values = &mut attributes[slot].1;
        match edit {
            Edit::Add(more) => {
                for value in more {
                    if !values.contains(value) {
                        values.push(value.clone());
                    }
                }
            }
            Edit::Remove(gone) => values.retain(|value| !gone.contains(value)),
            Edit::Replace(new) => values.clone_from(new),
        }
        if values.is_empty() {
            attributes.remove(slot);
        }
    }
}
