//! What is wrong with a policy, and where.
//!
//! A policy is read to its end whatever it contains: an administrator gets every fault at once, each with the place,
//! the text that is meant and, where there is one, a way out.

use crate::fault::Place;
use std::fmt;

/// One thing that is wrong in a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFault {
    /// Where it is.
    pub place: Place,
    /// The text that is meant.
    pub text: String,
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        if !self.text.is_empty() {
            write!(f, "\n    {}", self.text)?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n    {help}")?;
        }
        Ok(())
    }
}

/// An expression that gave no answer for one person or group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {rule}: {message}")]
pub struct EvalFault {
    /// The rule: `name.mail`, `account.directory`.
    pub rule: String,
    /// Where the expression stands.
    pub place: Place,
    /// Why it has no answer. Says kinds and places, never a person's values.
    pub message: String,
}

/// The option that `word` was probably meant to be.
pub(super) fn closest<'o>(word: &str, options: impl IntoIterator<Item = &'o str>) -> Option<&'o str> {
    let word = word.to_lowercase();
    options
        .into_iter()
        .map(|option| (strsim::damerau_levenshtein(&word, &option.to_lowercase()), option))
        .filter(|(distance, option)| *distance * 3 <= option.chars().count().max(word.chars().count()).max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, option)| option)
}

/// A suggestion, or else the whole choice.
pub(super) fn suggest<'o>(word: &str, options: impl IntoIterator<Item = &'o str>) -> Option<String> {
    let options: Vec<&str> = options.into_iter().collect();
    match closest(word, options.iter().copied()) {
        Some(option) => Some(format!("did you mean `{option}`?")),
        None if options.is_empty() => None,
        None => Some(format!("there is: {}", options.join(", "))),
    }
}
