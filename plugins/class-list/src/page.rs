//! A list as a page to look at and to print, by our own template or the operator's.

use crate::rows::{Rows, headings};
use crate::settings::{Language, Settings};
use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};
use sluss_sdk::{Error, Place};

/// Our own template.
const OURS: &str = include_str!("page.html");
/// What every template is called: by its ending, all that it is given is escaped.
const NAME: &str = "page.html";
/// How much a template may do: enough for the largest school, and an end to one that goes round in circles.
const FUEL: u64 = 20_000_000;

/// A template that was tried out.
#[derive(Debug)]
pub struct Page {
    environment: Environment<'static>,
}

impl Page {
    /// Reads a template of the operator's, or else our own, and tries it on made-up pupils: what is wrong with it is told
    /// before anything is written.
    pub fn new(settings: &Settings, template: Option<&str>) -> Result<Self, Error> {
        let file = settings.template.as_deref().unwrap_or(NAME);
        let wrong = |error: &minijinja::Error| {
            let line = error.line().and_then(|line| u32::try_from(line).ok());
            let place = Place { line, ..Place::file(file) };
            let what = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
            Error::config(format!("The template cannot be used: {}{what}", error.kind())).at(place)
        };
        let text = template.unwrap_or(OURS);
        if text.contains("autoescape") {
            let message = "The template cannot be used: it must not say `autoescape`, since everything is escaped";
            return Err(Error::config(message).at(Place::file(file)));
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.remove_filter("safe");
        environment.add_template_owned(NAME, text.to_owned()).map_err(|error| wrong(&error))?;
        let page = Page { environment };
        for rows in samples(settings) {
            page.fill(&rows, settings).map_err(|error| wrong(&error))?;
        }
        Ok(page)
    }

    /// The page of a list.
    pub fn page(&self, rows: &Rows, settings: &Settings) -> Result<String, Error> {
        // What a template says of what it was given might quote a person.
        let failed = |error: minijinja::Error| {
            Error::config(format!("The template cannot be used for this list: {}", error.kind()))
        };
        self.fill(rows, settings).map_err(failed)
    }

    fn fill(&self, rows: &Rows, settings: &Settings) -> Result<String, minijinja::Error> {
        let language = match settings.language {
            Language::Sv => "sv",
            Language::En => "en",
        };
        let pupils: Vec<Value> = rows.pupils.iter().map(|cells| Value::from(cells.clone())).collect();
        self.environment.get_template(NAME)?.render(Value::from_pairs([
            ("language", Value::from(language)),
            ("title", Value::from(rows.title.as_str())),
            ("school", Value::from(rows.school.as_str())),
            ("headings", Value::from(rows.headings.clone())),
            ("pupils", Value::from(pupils)),
            ("note", Value::from(settings.note.as_deref().unwrap_or_default())),
        ]))
    }
}

/// Made-up lists to try a template on: with a school and without, with one pupil and with two.
fn samples(settings: &Settings) -> [Rows; 2] {
    let rows = |school: &str, pupils: usize| Rows {
        title: "4A".to_owned(),
        school: school.to_owned(),
        headings: headings(settings),
        pupils: vec![vec!["x".to_owned(); settings.columns.len()]; pupils],
    };
    [rows("Havsskolan", 2), rows("", 1)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use sluss_sdk::ErrorKind;

    fn settings(more: &str) -> Settings {
        serde_json::from_str(&format!("{{\"folder\":\"out\"{more}}}")).unwrap()
    }

    fn rows(text: &str) -> Rows {
        Rows {
            title: text.to_owned(),
            school: text.to_owned(),
            headings: vec![text.to_owned()],
            pupils: vec![vec![text.to_owned()]],
        }
    }

    #[test]
    fn a_page_has_its_headings_and_pupils() {
        let settings = settings(r#","note":"Lösenord: <fråga> IT""#);
        let page = Page::new(&settings, None).unwrap();
        let html = page.page(&rows("Åsa & <b>\"Öberg\""), &settings).unwrap();
        for part in [
            "<html lang=\"sv\">",
            "<meta charset=\"utf-8\">",
            "Åsa &amp; &lt;b&gt;&quot;Öberg&quot;",
            "1 elev",
            "&lt;fråga&gt;",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<b>"));
    }

    #[test]
    fn a_template_is_tried_out_and_told_with_its_line() {
        let settings = settings(r#","template":"own.txt""#);
        for (text, line, part) in [
            ("a\n{{ nobody }}", Some(2), "undefined"),
            ("{% if title %}", Some(1), "syntax"),
            ("\n{{ title|safe }}", Some(2), "safe"),
            ("{% autoescape false %}{{ title }}{% endautoescape %}", None, "autoescape"),
            ("{% for n in range(100000) %}{% for m in range(100000) %}x{% endfor %}{% endfor %}", Some(1), "fuel"),
        ] {
            let error = Page::new(&settings, Some(text)).unwrap_err();
            let place = error.place.unwrap();
            assert_eq!((error.kind, place.file.as_str(), place.line), (ErrorKind::Config, "own.txt", line), "{text}");
            assert!(error.message.contains(part), "{}", error.message);
        }
        let own = Page::new(&settings, Some("{{ title }}: {{ pupils|length }}")).unwrap();
        assert_eq!(own.page(&rows("<4A>"), &settings).unwrap(), "&lt;4A&gt;: 1");
    }

    proptest! {
        #[test]
        fn no_text_gets_out_of_its_place(text in "[<>&\"'/{}% a-zå=-]{0,12}") {
            let settings = settings("");
            let page = Page::new(&settings, None).unwrap();
            let signs = |text: &str| {
                let html = page.page(&rows(text), &settings).unwrap();
                html.chars().filter(|sign| "<>\"".contains(*sign)).count()
            };
            prop_assert_eq!(signs(&text), signs("x"));
        }
    }
}
