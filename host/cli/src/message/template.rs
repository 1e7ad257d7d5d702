//! The words of mails: templates of the policy, or our own in Swedish and English, filled in with what a reader may know.
//!
//! A template is tried out when it is read, on made-up people: what it asks for and nobody knows is a fault then, not
//! when somebody is to be told.

use super::clerk::Facts;
use crate::error::FileFault;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, Error, UndefinedBehavior};
use sluss_engine::fault::Place;
use sluss_engine::policy::{Language, MessageRule, Phrase, Policy};
use std::collections::BTreeMap;
use std::path::Path;

/// Our own words: language, part and text.
const OURS: [(Language, Part, &str); 4] = [
    (Language::Swedish, Part::Subject, include_str!("words/sv.subject.txt")),
    (Language::Swedish, Part::Text, include_str!("words/sv.text.txt")),
    (Language::English, Part::Subject, include_str!("words/en.subject.txt")),
    (Language::English, Part::Text, include_str!("words/en.text.txt")),
];
/// How much a template may do: enough for thousands of events, and an end to one that goes round in circles.
const FUEL: u64 = 1_000_000;
/// The longest subject, in characters.
const LONGEST: usize = 150;

/// A part of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Subject,
    Text,
}

/// Every template of a policy.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Reads the templates of a policy, and everything that is wrong with them.
    pub fn read(policy: &Policy) -> (Templates, Vec<FileFault>) {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(syntax());
        environment.set_fuel(Some(FUEL));
        let mut faults = Vec::new();
        for (language, part, text) in OURS {
            environment
                .add_template_owned(ours(language, part), text.to_owned())
                .expect("a test holds our own words to the language of templates");
        }
        let mut templates = Templates { environment };
        for rule in &policy.messages {
            for (part, phrase) in [(Part::Subject, &rule.subject), (Part::Text, &rule.template)] {
                if let Some(phrase) = phrase {
                    faults.extend(templates.add(rule, part, phrase));
                }
            }
        }
        (templates, faults)
    }

    /// Adds a template, and tries it out.
    fn add(&mut self, rule: &MessageRule, part: Part, phrase: &Phrase) -> Option<FileFault> {
        let fault = |place: Place, text: &str, message: String| {
            Some(FileFault { place, text: text.to_owned(), message, help: None })
        };
        let (text, file) = if phrase.is_file {
            let folder = Path::new(&phrase.place.file).parent().unwrap_or(Path::new(""));
            let path = folder.join(&phrase.text);
            match std::fs::read_to_string(&path) {
                Ok(text) => (text, Some(path.display().to_string())),
                Err(error) => {
                    let message = format!("the template {} cannot be read: {error}", path.display());
                    return fault(phrase.place.clone(), &phrase.text, message);
                }
            }
        } else {
            (phrase.text.clone(), None)
        };
        let wrong = |error: &Error| {
            let line = error.line().and_then(|line| u32::try_from(line).ok());
            let what = told(error);
            match (&file, line) {
                (Some(file), line) => {
                    let place = Place { file: file.clone(), line, column: None };
                    fault(place, "", format!("the template cannot be used: {what}"))
                }
                (None, Some(line)) if text.lines().count() > 1 => fault(
                    phrase.place.clone(),
                    text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default().trim(),
                    format!("line {line} of the template cannot be used: {what}"),
                ),
                (None, _) => fault(phrase.place.clone(), &text, format!("the template cannot be used: {what}")),
            }
        };
        if let Err(error) = self.environment.add_template_owned(own(&rule.name, part), text.clone()) {
            return wrong(&error);
        }
        for language in Language::WORDS.map(|(_, language)| language) {
            for facts in samples() {
                if let Err(error) = self.fill(rule, part, language, &facts) {
                    return wrong(&error);
                }
            }
        }
        None
    }

    /// The subject of a mail: one line.
    pub fn subject(&self, rule: &MessageRule, language: Language, facts: &[Facts]) -> Result<String, String> {
        let text = self.fill(rule, Part::Subject, language, facts).map_err(|error| told(&error))?;
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(line.chars().take(LONGEST).collect())
    }

    /// The text of a mail.
    pub fn text(&self, rule: &MessageRule, language: Language, facts: &[Facts]) -> Result<String, String> {
        self.fill(rule, Part::Text, language, facts).map_err(|error| told(&error))
    }

    fn fill(&self, rule: &MessageRule, part: Part, language: Language, facts: &[Facts]) -> Result<String, Error> {
        let own = own(&rule.name, part);
        let template = match self.environment.get_template(&own) {
            Ok(template) => template,
            Err(_) => self.environment.get_template(&ours(language, part))?,
        };
        template.render(values(rule, language, facts))
    }
}

/// What a template is given: everything about each event and, beside it, everything about the first.
fn values(rule: &MessageRule, language: Language, facts: &[Facts]) -> Value {
    let mut values = facts.first().map(|facts| facts.values(language)).unwrap_or_default();
    let events: Vec<Value> = facts.iter().map(|facts| Value::from_pairs(facts.values(language))).collect();
    values.insert("event", Value::from(rule.on.as_str()));
    values.insert("events", Value::from(events));
    values.insert("language", Value::from(language.as_str()));
    values.insert("first_password", Value::from(rule.first_password.as_str()));
    Value::from_pairs(values)
}

/// A line that has nothing but a block leaves no line.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("the delimiters are the usual ones")
}

/// What went wrong, without what a person's values were.
fn told(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{} ({detail})", error.kind()),
        None => error.kind().to_string(),
    }
}

fn own(rule: &str, part: Part) -> String {
    format!("message.{rule}/{part:?}")
}

fn ours(language: Language, part: Part) -> String {
    format!("{}/{part:?}", language.as_str())
}

/// Made-up people to try a template on: somebody, several, and somebody of whom hardly anything may be said.
fn samples() -> [Vec<Facts>; 3] {
    let known = Facts {
        name: Some("Eva Öberg".to_owned()),
        texts: BTreeMap::from(Facts::TEXTS.map(|name| (name, name.to_owned()))),
        ..Facts::nobody(7)
    };
    let unnamed = Facts { protected: true, ..Facts::nobody(7) };
    [vec![known.clone()], vec![known.clone(), known], vec![unnamed]]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Templates, samples};
    use sluss_engine::policy::{Event, Language, Policy, load};

    const ACCOUNT: &str = "[account.directory]\ntarget = \"d\"\nclass = \"user\"\n";

    fn policy(messages: &str) -> Policy {
        load(&[("policy.toml".to_owned(), format!("{ACCOUNT}\n{messages}"))]).unwrap()
    }

    fn rule(event: &str) -> Policy {
        let before = if event == "account-ending" { "before = \"14 days\"\n" } else { "" };
        policy(&format!(
            "[message.one]\non = \"{event}\"\naccount = \"directory\"\n{before}first-password = \"Fråga servicedisken.\"\n"
        ))
    }

    #[test]
    fn our_own_words_say_it_in_both_languages_for_one_and_for_several() {
        let mut all = String::new();
        for (word, _) in Event::WORDS {
            let policy = rule(word);
            let (templates, faults) = Templates::read(&policy);
            assert!(faults.is_empty(), "{faults:?}");
            for (_, language) in Language::WORDS {
                for facts in samples() {
                    let subject = templates.subject(&policy.messages[0], language, &facts).unwrap();
                    let text = templates.text(&policy.messages[0], language, &facts).unwrap();
                    all += &format!("=== {subject}\n{text}");
                }
            }
        }
        insta::assert_snapshot!(all);
    }

    #[test]
    fn a_template_is_tried_out_when_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.toml").display().to_string();
        std::fs::write(folder.path().join("bad.txt"), "Hej\n{{ nobody }}\n").unwrap();
        let text = format!(
            "{ACCOUNT}\n[message.a]\non = \"account-created\"\naccount = \"directory\"\nsubject = \"{{{{ nmae }}}}\"\n\
             template = \"\"\"\nHej {{{{ name }}}}\n{{% if name %}}\n\"\"\"\n\n\
             [message.b]\non = \"account-created\"\naccount = \"directory\"\nsubject = {{ file = \"nowhere.txt\" }}\n\
             template = {{ file = \"bad.txt\" }}\n\n\
             [message.c]\non = \"account-created\"\naccount = \"directory\"\n\
             template = \"{{% for n in range(100000) %}}{{% for m in range(100000) %}}x{{% endfor %}}{{% endfor %}}\"\n"
        );
        let policy = load(&[(file, text)]).unwrap();
        let (_, faults) = Templates::read(&policy);
        let told: Vec<String> =
            faults.iter().map(|fault| format!("{}: {} [{}]", fault.place, fault.message, fault.text)).collect();
        let told = told.join("\n").replace(&format!("{}/", folder.path().display()), "");
        insta::assert_snapshot!(told);
    }

    #[test]
    fn a_template_of_the_policy_is_used_instead_of_ours() {
        let policy = policy(
            "[message.one]\non = \"account-created\"\naccount = \"directory\"\nsubject = \"{{ name }}\\n i {{ unit }}\"\n\
             template = \"{% for it in events %}{{ it.name }} ({{ it.username }}), {{ language }}\\n{% endfor %}\"\n",
        );
        let (templates, faults) = Templates::read(&policy);
        assert!(faults.is_empty(), "{faults:?}");
        let [_, several, _] = samples();
        let rule = &policy.messages[0];
        assert_eq!(templates.subject(rule, Language::Swedish, &several).unwrap(), "Eva Öberg i unit");
        let text = templates.text(rule, Language::English, &several).unwrap();
        assert_eq!(text, "Eva Öberg (username), en\nEva Öberg (username), en\n");
    }
}
