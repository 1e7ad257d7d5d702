//! What is remembered between runs: pupils, lists, and which documents are there.
//!
//! Everything that happens to it is an effect, and there is one way to take an effect: a change that is carried out and a
//! change that is read again from the state's file lead to the same.

use crate::held::{Held, Other};
use crate::place::{self, fold};
use serde::{Deserialize, Serialize};
use sluss_sdk::{Attribute, Error, Object};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use twox_hash::XxHash3_64;

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A pupil with an account.
    Pupil,
    /// A class of pupils.
    List,
}

/// A pupil or a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Thing {
    /// What it is called by, and its id: a pupil's user name, a list's name.
    pub key: String,
    /// What else is known of it, by name. None is without a value.
    pub holds: BTreeMap<String, Vec<Held>>,
}

/// Something that happens to the state: a line of its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Effect {
    /// The first line: the format of what follows.
    ClassLists(u32),
    /// A thing is made, or is another than before.
    Put {
        /// Its class.
        class: Class,
        /// The key that it had before, if that was another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
        /// Its key.
        key: String,
        /// Everything that it holds.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        holds: BTreeMap<String, Vec<Held>>,
    },
    /// A thing is no more.
    Remove {
        /// Its class.
        class: Class,
        /// Its key.
        key: String,
    },
    /// There may be this document from now on.
    Document(String),
    /// All documents say what is known, and were made with this mark.
    Finished(String),
}

/// Pupils and lists.
#[derive(Debug, Default, PartialEq)]
pub struct State {
    pupils: BTreeMap<String, Thing>,
    lists: BTreeMap<String, Thing>,
    /// Documents that may be there.
    pub documents: BTreeSet<String>,
    /// The mark with which the documents were made, if nothing happened since.
    pub finished: Option<String>,
}

impl Class {
    /// The class of this name.
    pub fn named(name: &str) -> Result<Self, Error> {
        match name {
            "pupil" => Ok(Class::Pupil),
            "list" => Ok(Class::List),
            other => Err(Error::unknown_class(other)),
        }
    }

    /// The attribute that holds the key.
    pub fn key(self) -> &'static str {
        match self {
            Class::Pupil => "username",
            Class::List => "name",
        }
    }
}

impl Thing {
    /// The values of an attribute.
    pub fn values(&self, class: Class, name: &str) -> Vec<Held> {
        if name == class.key() {
            return vec![Held::Text(self.key.clone())];
        }
        self.holds.get(name).cloned().unwrap_or_default()
    }

    /// The object as the host sees it, with these attributes, as far as they have a value.
    pub fn object(&self, class: Class, names: &[String]) -> Result<Object, Error> {
        let mut attributes = Vec::with_capacity(names.len());
        for name in names {
            let values = self.values(class, name).iter().map(Held::value).collect::<Result<Vec<_>, _>>()?;
            if !values.is_empty() {
                attributes.push(Attribute { name: name.clone(), values });
            }
        }
        Ok(Object { id: self.key.clone(), version: Some(self.version()?), attributes })
    }

    /// The text that an attribute holds, if it holds one.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = self.holds.get(name)?.first()?.as_text()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The user names of the pupils in a list.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.holds.get("member").into_iter().flatten().filter_map(Held::as_reference)
    }

    /// The same for the same key and values. Who is in a list says nothing: members come and go by their own names.
    pub fn version(&self) -> Result<String, Error> {
        let holds: BTreeMap<_, _> = self.holds.iter().filter(|(name, _)| *name != "member").collect();
        let text = serde_json::to_string(&(&self.key, holds)).map_err(|error| Error::internal(error.to_string()))?;
        Ok(format!("{:016x}", XxHash3_64::oneshot(text.as_bytes())))
    }

    /// What made it what it is.
    pub fn effect(&self, class: Class, was: Option<String>) -> Effect {
        Effect::Put { class, was, key: self.key.clone(), holds: self.holds.clone() }
    }
}

impl State {
    /// Every thing of a class, by its folded key.
    pub fn things(&self, class: Class) -> &BTreeMap<String, Thing> {
        match class {
            Class::Pupil => &self.pupils,
            Class::List => &self.lists,
        }
    }

    /// The things of a class behind a folded key, or all.
    pub fn behind(&self, class: Class, key: Option<&str>) -> impl Iterator<Item = (&String, &Thing)> {
        let from = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.things(class).range::<str, _>((from, Bound::Unbounded))
    }

    /// The thing with this key.
    pub fn thing(&self, class: Class, key: &str) -> Option<&Thing> {
        self.things(class).get(&fold(key))
    }

    /// The pupils of a list who are there.
    pub fn pupils<'s>(&'s self, list: &'s Thing) -> impl Iterator<Item = &'s Thing> {
        list.members().filter_map(|key| self.thing(Class::Pupil, key))
    }

    /// Refuses a thing that there is no room for; `was` is its key so far, if it is there already.
    pub fn allows(&self, class: Class, was: Option<&str>, thing: &Thing) -> Result<(), Error> {
        if class == Class::List {
            place::place(&thing.key).map_err(|error| error.attribute(class.key()))?;
        }
        let is_own = was.is_some_and(|was| fold(was) == fold(&thing.key));
        if !is_own && self.thing(class, &thing.key).is_some() {
            let message = format!("There is one with this `{}` already; capitals make no difference", class.key());
            return Err(Error::already_exists(message).object(thing.key.clone()).attribute(class.key()));
        }
        Ok(())
    }

    /// Takes an effect, if it is one.
    pub fn take(&mut self, effect: Effect) -> Result<(), Error> {
        let finished = self.finished.take();
        match effect {
            Effect::ClassLists(_) => return Err(Error::invalid("The first line stands here a second time")),
            Effect::Put { class, was, key, mut holds } => {
                holds.retain(|_, values| !values.is_empty());
                holds.values().flatten().try_for_each(|held| held.value().map(drop))?;
                let thing = Thing { key, holds };
                if thing.key.is_empty() || thing.holds.contains_key(class.key()) {
                    return Err(Error::invalid("A line speaks of nothing that can be"));
                }
                self.allows(class, Some(was.as_deref().unwrap_or(&thing.key)), &thing)?;
                self.put(class, was.as_deref(), thing);
            }
            Effect::Remove { class, key } => self.remove(class, &key),
            Effect::Document(name) if place::is_document(&name) => {
                self.documents.insert(name);
                // A document that may be there says nothing new of anybody.
                self.finished = finished;
            }
            Effect::Document(_) => return Err(Error::invalid("A line names a document that can be none")),
            Effect::Finished(mark) => self.finished = Some(mark),
        }
        Ok(())
    }

    fn put(&mut self, class: Class, was: Option<&str>, thing: Thing) {
        if let Some(was) = was.filter(|was| **was != *thing.key) {
            self.shelf(class).remove(&fold(was));
            if class == Class::Pupil {
                self.rename_member(was, Some(&thing.key));
            }
        }
        self.shelf(class).insert(fold(&thing.key), thing);
    }

    fn remove(&mut self, class: Class, key: &str) {
        self.shelf(class).remove(&fold(key));
        if class == Class::Pupil {
            // Whoever gets the user name some day is somebody else.
            self.rename_member(key, None);
        }
    }

    /// Has every list speak of a pupil by another user name, or not at all.
    fn rename_member(&mut self, was: &str, now: Option<&str>) {
        let own = |key: &str| Held::Other(Other::Reference(key.to_owned()));
        let (was, now) = (own(was), now.map(own));
        for list in self.lists.values_mut() {
            let Some(members) = list.holds.get_mut("member") else { continue };
            let Some(at) = members.iter().position(|member| *member == was) else { continue };
            members.remove(at);
            members.extend(now.clone().filter(|now| !members.contains(now)));
            if members.is_empty() {
                list.holds.remove("member");
            }
        }
    }

    fn shelf(&mut self, class: Class) -> &mut BTreeMap<String, Thing> {
        match class {
            Class::Pupil => &mut self.pupils,
            Class::List => &mut self.lists,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn effect(json: &str) -> Effect {
        serde_json::from_str(json).unwrap()
    }

    fn state(lines: &[&str]) -> State {
        let mut state = State::default();
        lines.iter().for_each(|line| state.take(effect(line)).unwrap());
        state
    }

    const ANNA: &str = r#"{"put":{"class":"pupil","key":"anna","holds":{"surname":["Ek"]}}}"#;
    const FOUR: &str =
        r#"{"put":{"class":"list","key":"4A","holds":{"member":[{"reference":"anna"},{"reference":"bo"}]}}}"#;

    fn members(state: &State) -> Vec<&str> {
        state.thing(Class::List, "4a").unwrap().members().collect()
    }

    #[test]
    fn a_pupil_with_another_user_name_stays_in_the_list() {
        let mut own = state(&[ANNA, FOUR]);
        own.take(effect(r#"{"put":{"class":"pupil","was":"anna","key":"Anna2"}}"#)).unwrap();
        assert_eq!(members(&own), ["bo", "Anna2"]);
        assert!(own.thing(Class::Pupil, "anna").is_none() && own.thing(Class::Pupil, "anna2").is_some());
        own.take(effect(r#"{"remove":{"class":"pupil","key":"Anna2"}}"#)).unwrap();
        assert_eq!(members(&own), ["bo"]);
        own.take(effect(r#"{"remove":{"class":"pupil","key":"bo"}}"#)).unwrap();
        assert!(!own.thing(Class::List, "4A").unwrap().holds.contains_key("member"));
    }

    #[test]
    fn whatever_happens_ends_the_state_of_being_finished() {
        let mut own = state(&[ANNA, r#"{"finished":"x"}"#]);
        assert_eq!(own.finished.as_deref(), Some("x"));
        own.take(effect(r#"{"document":"4A.csv"}"#)).unwrap();
        assert_eq!(own.finished.as_deref(), Some("x"));
        own.take(effect(ANNA)).unwrap();
        assert_eq!(own.finished, None);
    }

    #[test]
    fn the_version_tells_of_everything_but_members() {
        let own = state(&[ANNA, FOUR]);
        let version = |thing: &Thing| thing.version().unwrap();
        let (anna, four) = (own.thing(Class::Pupil, "anna").unwrap(), own.thing(Class::List, "4A").unwrap());
        let mut other = four.clone();
        other.holds.remove("member");
        assert_eq!(version(&other), version(four));
        let mut other = anna.clone();
        other.holds.insert("mail".into(), vec![Held::Text("x".into())]);
        assert_ne!(version(&other), version(anna));
    }

    #[test]
    fn lines_that_cannot_be_are_refused() {
        for odd in [
            r#"{"class-lists":1}"#,
            r#"{"document":"../x.csv"}"#,
            r#"{"put":{"class":"pupil","key":""}}"#,
            r#"{"put":{"class":"pupil","key":"a","holds":{"username":["b"]}}}"#,
            r#"{"put":{"class":"pupil","key":"a","holds":{"x":[{"real":"NaN"}]}}}"#,
            r#"{"put":{"class":"pupil","key":"a","holds":{"x":[{"date":[2026,2,30]}]}}}"#,
        ] {
            assert!(State::default().take(effect(odd)).is_err(), "{odd}");
        }
    }
}
