//! Settings for reading, from their JSON Schema: one line for each key, those of inner tables with dots before them.

use serde_json::Value;

/// The deepest table that is looked into.
const DEEPEST: usize = 4;

/// Key, kind, default and meaning of every setting.
pub(super) fn rows(schema: &Value) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    inside(schema, schema, "", DEEPEST, &mut rows);
    rows
}

fn inside(root: &Value, object: &Value, path: &str, depth: usize, rows: &mut Vec<[String; 4]>) {
    let required = |name: &str| {
        let required = object.get("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|known| known.as_str() == Some(name)))
    };
    for (name, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let unless = match property.get("default") {
            _ if required(name) => "needed".to_owned(),
            None | Some(Value::Null) => String::new(),
            Some(Value::Object(_)) => String::new(),
            Some(default) => format!("`{default}`"),
        };
        let meaning = property.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        rows.push([format!("`{path}{name}`"), kind(root, property), unless, meaning]);
        if depth == 0 {
            continue;
        }
        for choice in choices(root, property) {
            inside(root, choice, &format!("{path}{name}."), depth - 1, rows);
            if let Some(each) = choice.get("additionalProperties").filter(|each| each.is_object()) {
                inside(root, settled(root, each), &format!("{path}{name}.NAME."), depth - 1, rows);
            }
        }
    }
}

/// What kind of value fits, in plain words.
fn kind(root: &Value, schema: &Value) -> String {
    let kinds: Vec<String> = choices(root, schema).into_iter().map(|choice| plain(root, choice)).collect();
    kinds.join(" or ")
}

fn plain(root: &Value, schema: &Value) -> String {
    if let Some(word) = schema.get("const") {
        return format!("`{word}`");
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
    }
    let names = schema.get("type");
    let name = match names {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        name => name.and_then(Value::as_str),
    };
    match name {
        Some("string") if schema.get("maxLength").and_then(Value::as_u64) == Some(1) => "one character".to_owned(),
        Some("string") => "text".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("number") => "number".to_owned(),
        Some("array") => match schema.get("items") {
            Some(each) => format!("list of {}", kind(root, each)),
            None => "list".to_owned(),
        },
        Some("object") => match schema.get("additionalProperties").filter(|each| each.is_object()) {
            Some(each) => format!("{} by name", kind(root, each)),
            None => "table".to_owned(),
        },
        _ => "anything".to_owned(),
    }
}

/// The schemas of which one has to fit; that a value may be missing is no choice.
fn choices<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let schema = settled(root, schema);
    let choices = schema.get("anyOf").or(schema.get("oneOf")).and_then(Value::as_array);
    match choices {
        Some(choices) => choices
            .iter()
            .filter(|choice| choice.get("type").and_then(Value::as_str) != Some("null"))
            .flat_map(|choice| self::choices(root, choice))
            .collect(),
        None => vec![schema],
    }
}

/// The schema that a reference leads to.
fn settled<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|path| root.pointer(path.strip_prefix('#')?));
    target.unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use super::rows;
    use serde_json::json;

    #[test]
    fn every_kind_of_setting_is_told() {
        let schema = json!({
            "properties": {
                "folder": { "type": "string", "description": "Where\nit is." },
                "delimiter": { "type": "string", "minLength": 1, "maxLength": 1, "default": ";" },
                "encoding": { "$ref": "#/$defs/Encoding", "default": "utf-8" },
                "columns": { "type": "object", "additionalProperties": { "$ref": "#/$defs/Column" }, "default": {} },
                "classes": { "type": "object", "additionalProperties": { "$ref": "#/$defs/Class" } },
            },
            "required": ["folder"],
            "$defs": {
                "Encoding": { "oneOf": [{ "const": "utf-8" }, { "const": "ascii" }] },
                "Column": { "anyOf": [{ "type": "integer" }, { "type": "string" }] },
                "Class": { "type": "object", "properties": {
                    "names": { "type": ["array", "null"], "items": { "type": "string" } },
                    "disable": { "anyOf": [{ "$ref": "#/$defs/Disable" }, { "type": "null" }] },
                } },
                "Disable": { "type": "object", "properties": { "value": { "type": "string" } }, "required": ["value"] },
            },
        });
        let mut told: Vec<String> = rows(&schema).iter().map(|row| row.join(", ")).collect();
        told.sort();
        assert_eq!(
            told,
            [
                "`classes.NAME.disable.value`, text, needed, ",
                "`classes.NAME.disable`, table, , ",
                "`classes.NAME.names`, list of text, , ",
                "`classes`, table by name, , ",
                "`columns`, whole number or text by name, , ",
                "`delimiter`, one character, `\";\"`, ",
                "`encoding`, `\"utf-8\"` or `\"ascii\"`, `\"utf-8\"`, ",
                "`folder`, text, needed, Where\nit is.",
            ]
        );
    }
}
