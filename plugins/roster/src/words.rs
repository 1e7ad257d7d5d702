//! The words of IMS Enterprise that both its editions have: roles, kinds of members, states of records.

use crate::model::Role;

/// The role of a word or number; none where it is neither.
pub fn role(text: &str) -> Option<Role> {
    const STAFF: [&str; 14] = [
        "instructor",
        "teacher",
        "contentdeveloper",
        "manager",
        "mentor",
        "administrator",
        "teachingassistant",
        "faculty",
        "staff",
        "2",
        "3",
        "5",
        "6",
        "7",
    ];
    let word = text.trim().to_lowercase();
    let word = word.trim_start_matches('0');
    match word {
        "learner" | "student" | "1" => Some(Role::Pupil),
        "member" | "4" => Some(Role::Member),
        "8" => Some(Role::Staff),
        staff if STAFF.contains(&staff) => Some(Role::Staff),
        _ => None,
    }
}

/// Whether a member is a group; none where nobody knows.
pub fn is_group(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "person" => Some(false),
        "2" | "group" => Some(true),
        _ => None,
    }
}

/// What a record says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It stands.
    Present,
    /// It was deleted.
    Gone,
    /// Something that nobody knows.
    Odd,
}

/// The state of a `recstatus`: 1 added, 2 changed, 3 deleted; one that is missing stands.
pub fn state(text: Option<&str>) -> State {
    match text.map(str::trim) {
        None | Some("" | "0" | "1" | "2") => State::Present,
        Some("3") => State::Gone,
        Some(_) => State::Odd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_one() {
        for (word, found) in [
            ("Learner", Some(Role::Pupil)),
            ("01", Some(Role::Pupil)),
            ("1", Some(Role::Pupil)),
            ("Student", Some(Role::Pupil)),
            ("04", Some(Role::Member)),
            ("TeachingAssistant", Some(Role::Staff)),
            ("08", Some(Role::Staff)),
            ("2", Some(Role::Staff)),
            ("", None),
            ("0", None),
            ("Janitor", None),
            ("11", None),
        ] {
            assert_eq!(role(word), found, "{word}");
        }
        assert_eq!([is_group("Group"), is_group("1"), is_group("x")], [Some(true), Some(false), None]);
        assert_eq!([state(None), state(Some(" 2")), state(Some("3"))], [State::Present, State::Present, State::Gone]);
        assert_eq!([state(Some("delete")), state(Some("4"))], [State::Odd; 2]);
    }
}
