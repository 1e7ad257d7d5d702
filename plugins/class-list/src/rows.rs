//! What a list's documents tell: a heading for each column, and a row for each pupil in the order of their names.

use crate::collate::{Key, key};
use crate::held::{Held, line};
use crate::settings::{Column, Settings};
use crate::state::{Class, State, Thing};

/// The content of a list's documents.
#[derive(Debug, PartialEq, Eq)]
pub struct Rows {
    /// The heading of the whole.
    pub title: String,
    /// The school; empty where there is none.
    pub school: String,
    /// What the columns are called.
    pub headings: Vec<String>,
    /// A row for each pupil, a cell for each column.
    pub pupils: Vec<Vec<String>>,
}

/// What the columns are called.
pub fn headings(settings: &Settings) -> Vec<String> {
    settings.columns.iter().map(|column| line(column.title(settings.language))).collect()
}

impl Rows {
    /// What is told of a list. Whom it names and who is not there is left out.
    pub fn new(state: &State, list: &Thing, settings: &Settings) -> Self {
        let mut pupils: Vec<&Thing> = state.pupils(list).collect();
        pupils.sort_by_cached_key(|pupil| order(pupil));
        let cell = |pupil: &Thing, column: &Column| {
            let values = pupil.values(Class::Pupil, column.attribute());
            values.iter().map(|value: &Held| value.told(settings.language)).collect::<Vec<_>>().join(", ")
        };
        let row = |pupil: &&Thing| settings.columns.iter().map(|column| cell(pupil, column)).collect();
        Rows {
            title: line(list.text("title").unwrap_or(&list.key)),
            school: line(list.text("school").unwrap_or_default()),
            headings: headings(settings),
            pupils: pupils.iter().map(row).collect(),
        }
    }
}

/// By surname and given name; whoever has none of them stands by the name to show. The user name makes sure that the order
/// is the same every time.
fn order(pupil: &Thing) -> (Key, Key, Key, String) {
    let text = |name: &str| pupil.text(name).unwrap_or_default();
    let first = [text("surname"), text("name")].into_iter().find(|text| !text.is_empty()).unwrap_or(&pupil.key);
    (key(first), key(text("given-name")), key(text("name")), pupil.key.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pupils_stand_by_surname_and_given_name_and_else_by_what_is_shown() {
        let mut state = State::default();
        for line in [
            r#"{"put":{"class":"pupil","key":"a","holds":{"surname":["Öman"],"given-name":["Al"],"name":["Al Öman"]}}}"#,
            r#"{"put":{"class":"pupil","key":"b","holds":{"surname":["Ek"],"given-name":["Åsa"],"name":["Åsa Ek"]}}}"#,
            r#"{"put":{"class":"pupil","key":"c","holds":{"surname":["Ek"],"given-name":["Zoe"],"name":["Zoe Ek"]}}}"#,
            r#"{"put":{"class":"pupil","key":"d","holds":{"name":["Skyddad Abcd"],"langs":["sv",{"date":[2026,1,2]}]}}}"#,
            r#"{"put":{"class":"pupil","key":"e"}}"#,
            r#"{"put":{"class":"list","key":"4A","holds":{"title":[" 4A\n"],"member":[{"reference":"a"},{"reference":"b"},
                {"reference":"c"},{"reference":"d"},{"reference":"e"},{"reference":"nobody"}]}}}"#,
        ] {
            state.take(serde_json::from_str(line).unwrap()).unwrap();
        }
        let settings = serde_json::from_str(r#"{"folder":"out","columns":["username","langs"]}"#).unwrap();
        let rows = Rows::new(&state, state.thing(Class::List, "4a").unwrap(), &settings);
        let names: Vec<&str> = rows.pupils.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["e", "c", "b", "d", "a"]);
        assert_eq!(rows.pupils[3][1], "sv, 2026-01-02");
        assert_eq!((rows.title.as_str(), rows.headings[0].as_str()), ("4A", "Användarnamn"));
    }
}
