//! Holds a connector's settings against the schema that it describes itself with.
//!
//! An operator should hear of every fault at once, each with the place where it stands and, for a mistyped key, the
//! key that was probably meant.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// One fault in the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct SettingFault {
    /// Where it stands, as an operator would write it: `columns.person`, `files[2]`; `settings` for the whole.
    pub path: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

/// The schema itself is of no use: a fault of the plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its settings schema is not valid: {0}")]
pub struct SchemaError(String);

/// A settings schema, ready to check with.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
    source: Value,
}

impl Schema {
    /// Takes a schema. References lead nowhere outside of it, and patterns are matched in linear time.
    pub fn new(source: &Value) -> Result<Self, SchemaError> {
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex())
            .offline()
            .build(source)
            .map_err(|error| SchemaError(error.to_string()))?;
        Ok(Schema { validator, source: source.clone() })
    }

    /// Every fault of the settings.
    pub fn check(&self, settings: &Value) -> Vec<SettingFault> {
        let mut faults = Vec::new();
        for error in self.validator.iter_errors(settings) {
            let path = readable(&error.instance_path().to_string());
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected }
                | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                    let known = self.known_keys(&error.schema_path().to_string());
                    faults.extend(
                        unexpected
                            .iter()
                            .map(|key| SettingFault { path: join(&path, key), message: unknown_key(key, &known) }),
                    );
                }
                ValidationErrorKind::Required { property } => {
                    let key = property.as_str().map_or_else(|| property.to_string(), str::to_owned);
                    let about = self.description(&error.schema_path().to_string(), &key);
                    let message = about.map_or_else(|| "is missing".to_owned(), |about| format!("is missing: {about}"));
                    faults.push(SettingFault { path: join(&path, &key), message });
                }
                ValidationErrorKind::Enum { .. }
                | ValidationErrorKind::AnyOf { .. }
                | ValidationErrorKind::OneOfNotValid { .. } => {
                    let choices = self.resolve(&error.schema_path().to_string()).map(choices).unwrap_or_default();
                    let message = match choices.is_empty() {
                        true => error.masked().to_string(),
                        false => format!("must be one of {}", choices.join(", ")),
                    };
                    faults.push(SettingFault { path: or_whole(path), message });
                }
                _ => faults.push(SettingFault { path: or_whole(path), message: error.masked().to_string() }),
            }
        }
        faults.sort_by(|a, b| a.path.cmp(&b.path));
        faults.dedup();
        faults
    }

    /// The keys that the object has whose `additionalProperties` stands at this place of the schema.
    fn known_keys(&self, schema_path: &str) -> Vec<String> {
        let parent = schema_path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let Some(properties) = self.resolve(parent).and_then(|object| object.get("properties")) else {
            return Vec::new();
        };
        properties.as_object().map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
    }

    /// What a key is for, where the `required` that asks for it stands at this place of the schema.
    fn description(&self, schema_path: &str, key: &str) -> Option<String> {
        let (parent, _) = schema_path.rsplit_once('/')?;
        let about = self.resolve(parent)?.get("properties")?.get(key)?.get("description")?.as_str()?;
        Some(about.trim_end_matches('.').to_owned())
    }

    /// Follows a path of the evaluation, in which `$ref` stands for a jump, through the schema.
    fn resolve(&self, path: &str) -> Option<&Value> {
        let mut here = &self.source;
        for step in path.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            here = match here {
                Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
                _ => here.get(&step)?,
            };
            if step == "$ref" {
                here = self.source.pointer(here.as_str()?.strip_prefix('#')?)?;
            }
        }
        Some(here)
    }
}

/// The values that a list of choices allows, as they are written.
fn choices(schema: &Value) -> Vec<String> {
    let Some(options) = schema.as_array() else { return Vec::new() };
    let mut choices = Vec::new();
    for option in options {
        match (option.get("const"), option.get("enum").and_then(Value::as_array)) {
            (Some(value), _) => choices.push(value.to_string()),
            (_, Some(values)) => choices.extend(values.iter().map(Value::to_string)),
            // A choice between kinds of values cannot be listed.
            _ if option.is_object() => return Vec::new(),
            _ => choices.push(option.to_string()),
        }
    }
    choices
}

fn unknown_key(key: &str, known: &[String]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(key, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, candidate)) => format!("is not known; did you mean `{candidate}`?"),
        None if known.is_empty() => "is not known".to_owned(),
        None => format!("is not known; known are {}", known.join(", ")),
    }
}

/// `/columns/person` becomes `columns.person`, `/files/2` becomes `files[2]`.
fn readable(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{step}]"));
        } else {
            path = join(&path, &step.replace("~1", "/").replace("~0", "~"));
        }
    }
    path
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn or_whole(path: String) -> String {
    if path.is_empty() { "settings".to_owned() } else { path }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Schema {
        Schema::new(&json!({
            "type": "object",
            "properties": {
                "folder": { "type": "string", "description": "Where the files are." },
                "encoding": { "enum": ["utf-8", "windows-1252"] },
                "ending": { "oneOf": [{ "const": "required" }, { "const": "optional" }] },
                "column": { "anyOf": [{ "type": "string" }, { "type": "integer" }] },
                "columns": { "$ref": "#/$defs/Columns" },
                "files": { "type": "array", "items": { "type": "string", "pattern": "^[a-z]+$" } }
            },
            "required": ["folder"],
            "additionalProperties": false,
            "$defs": { "Columns": {
                "type": "object",
                "properties": { "person": { "type": "string" }, "unit": { "type": "integer", "minimum": 1 } },
                "additionalProperties": false
            } }
        }))
        .unwrap()
    }

    fn faults(settings: Value) -> Vec<String> {
        schema().check(&settings).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn good_settings_have_no_faults() {
        assert_eq!(faults(json!({ "folder": "in", "columns": { "unit": 2 }, "files": ["a"] })), Vec::<String>::new());
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place() {
        let found = faults(json!({
            "foldr": "in", "colour": 1, "encoding": "latin", "ending": "x", "column": true, "columns": { "persn": "x", "unit": 0 }, "files": ["a", "B"]
        }));
        assert_eq!(found.len(), 9, "{found:#?}");
        assert!(found.contains(&"folder: is missing: Where the files are".to_owned()), "{found:#?}");
        assert!(found.contains(&"foldr: is not known; did you mean `folder`?".to_owned()), "{found:#?}");
        let known = "colour: is not known; known are column, columns, encoding, ending, files, folder".to_owned();
        assert!(found.contains(&known), "{found:#?}");
        for choice in [
            "encoding: must be one of \"utf-8\", \"windows-1252\"",
            "ending: must be one of \"required\", \"optional\"",
        ] {
            assert!(found.contains(&choice.to_owned()), "{found:#?}");
        }
        assert!(found.contains(&"columns.persn: is not known; did you mean `person`?".to_owned()), "{found:#?}");
        for path in ["column: ", "columns.unit: ", "files[1]: "] {
            assert!(found.iter().any(|fault| fault.starts_with(path)), "{path} in {found:#?}");
        }
    }

    #[test]
    fn values_are_not_repeated() {
        let found = faults(json!({ "folder": 198602212394_u64 }));
        assert!(found[0].starts_with("folder: ") && !found[0].contains("1986"), "{found:?}");
    }

    #[test]
    fn what_is_no_object_is_a_fault_of_the_whole() {
        assert!(faults(json!("text"))[0].starts_with("settings: "));
    }

    #[test]
    fn a_schema_that_is_none_or_leads_elsewhere_is_refused() {
        for bad in [json!({ "type": "nonsense" }), json!({ "$ref": "https://example.com/schema.json" }), json!(3)] {
            assert!(Schema::new(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_evil_pattern_cannot_hold_the_host_up() {
        let schema = Schema::new(&json!({ "type": "string", "pattern": "^(a+)+$" })).unwrap();
        let long = format!("{}!", "a".repeat(50_000));
        assert_eq!(schema.check(&json!(long)).len(), 1);
        assert!(Schema::new(&json!({ "pattern": "(?=look)ahead" })).is_err());
    }
}
