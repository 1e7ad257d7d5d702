//! Looking whether all is there: the service, the classes, and the attributes that the settings name.

use crate::answer::{Answer, List};
use crate::class::{Class, Field};
use crate::features::{Features, optional};
use crate::path::{Path, member};
use crate::provider::Provider;
use crate::service::{Asked, Service};
use crate::values::Kind;
use serde_json::Value as Json;
use sluss_sdk::{CheckResult, Error, ErrorKind};

/// Everything that is to be said.
pub fn check<S: Service>(provider: &Provider<S>) -> Vec<CheckResult> {
    let features = match provider.features() {
        Ok(features) => features,
        Err(error) => return vec![CheckResult::failure("service", error.message)],
    };
    let mut results = vec![match features.is_told {
        true => CheckResult::info("service", format!("It answers. It can: {}", features.told())),
        false => CheckResult::warning(
            "service",
            format!(
                "It answers, and does not say what it can do (/ServiceProviderConfig); taken for granted: {}. Say in \
                 `supports` what is otherwise",
                features.told()
            ),
        ),
    }];
    results.extend(Class::ALL.into_iter().map(|class| reading(provider, features, class)));
    let told = optional(&provider.service, "/Schemas", "show its schemas");
    match told.and_then(|told| told.map(|told| List::of(told, "show its schemas")).transpose()) {
        Ok(Some(schemas)) => {
            results.extend(Class::ALL.into_iter().flat_map(|class| gaps(provider, class, &schemas.resources)))
        }
        Ok(None) => results.push(CheckResult::warning(
            "schema",
            "The service does not show its schemas, so attributes could not be checked",
        )),
        Err(error) => results.push(CheckResult::failure("schema", error.message)),
    }
    results
}

/// Whether a class may be read.
fn reading<S: Service>(provider: &Provider<S>, features: &Features, class: Class) -> CheckResult {
    let title = format!("class {}", class.name());
    let list = || -> Result<List, Error> {
        let asked = Asked::get(features.place(class)?).option("startIndex", 1).option("count", 1);
        let asked = if class == Class::Group { asked.option("excludedAttributes", "members") } else { asked };
        let answer = Answer::of(&provider.service.send(&asked)?, provider.service.now());
        List::of(answer.read("list its resources")?, "list its resources")
    };
    match list() {
        Ok(List { total: Some(total), .. }) => CheckResult::info(title, format!("It may be read: {total} objects")),
        Ok(List { total: None, .. }) => {
            CheckResult::warning(title, "It may be read, but the service does not say how many objects there are")
        }
        Err(error) if error.kind == ErrorKind::Throttled => CheckResult::warning(title, error.message),
        // Whoever wants no groups need not have any.
        Err(error) if error.kind == ErrorKind::Unsupported => CheckResult::warning(title, error.message),
        Err(error) if error.kind == ErrorKind::NotFound => {
            let message =
                format!("{}. Check `url` of the connection: it ends where {} begins", error.message, "/Users");
            CheckResult::failure(title, message)
        }
        Err(error) => CheckResult::failure(title, error.message),
    }
}

/// What the schemas lack of a class.
fn gaps<S: Service>(provider: &Provider<S>, class: Class, schemas: &[Json]) -> Vec<CheckResult> {
    let (title, mut results, mut others) = (format!("schema {}", class.name()), Vec::new(), Vec::new());
    for field in provider.shape(class).fields() {
        let is_set = provider.settings.attributes.get(&field.name).is_some_and(|own| own.class == class);
        match (fault(schemas, class, field), is_set) {
            (None, _) => {}
            (Some(fault), true) => results.push(CheckResult::failure(
                title.clone(),
                format!("attributes.{}: {fault} `{}`", field.name, field.path),
            )),
            (Some(_), false) => others.push(field.name.as_str()),
        }
    }
    if provider.settings.initial_password
        && class == Class::User
        && let Ok(path) = Path::parse("password")
        && find(schemas, class, &path).is_none()
    {
        let message = "`initial-password` is set, and accounts of this service have no password";
        results.push(CheckResult::failure(title.clone(), message));
    }
    if !others.is_empty() {
        let message = format!("Not by this service: {}", others.join(", "));
        results.push(CheckResult::info(title, message));
    } else if results.is_empty() {
        results.push(CheckResult::info(title, "It has every attribute"));
    }
    results
}

/// What is wrong with an attribute, if anything.
fn fault(schemas: &[Json], class: Class, field: &Field) -> Option<&'static str> {
    let Some((attribute, sub)) = find(schemas, class, &field.path) else {
        return Some("the service's schema has no attribute");
    };
    let innermost = sub.unwrap_or(attribute);
    let is = |json: &Json, name: &str, what: &str| {
        let own = json.as_object().and_then(|own| member(own, name)).and_then(Json::as_str);
        own.is_some_and(|own| own.eq_ignore_ascii_case(what))
    };
    let is_many = attribute.as_object().and_then(|own| member(own, "multiValued")).and_then(Json::as_bool);
    let wants_many = field.many || field.path.is_chosen();
    match field.kind {
        _ if is(innermost, "mutability", "readOnly") || is(attribute, "mutability", "readOnly") => {
            Some("nobody but the service writes")
        }
        _ if is_many == Some(true) && !wants_many => Some("`many = true` has to be said of"),
        _ if is_many == Some(false) && wants_many => Some("there is only one of"),
        _ if is(innermost, "type", "complex") => Some("a part has to be named of"),
        Kind::Boolean if !is(innermost, "type", "boolean") => Some("`kind` is wrong of"),
        Kind::Integer if !is(innermost, "type", "integer") => Some("`kind` is wrong of"),
        Kind::Real if !is(innermost, "type", "decimal") => Some("`kind` is wrong of"),
        Kind::Moment if !is(innermost, "type", "dateTime") => Some("`kind` is wrong of"),
        Kind::Text | Kind::Date
            if ["boolean", "integer", "decimal", "dateTime"].iter().any(|own| is(innermost, "type", own)) =>
        {
            Some("`kind` is wrong of")
        }
        _ => None,
    }
}

/// An attribute of the schemas, and its part.
fn find<'s>(schemas: &'s [Json], class: Class, path: &Path) -> Option<(&'s Json, Option<&'s Json>)> {
    // What every resource has stands in no schema.
    const COMMON: [&str; 2] = ["externalId", "id"];
    let text = |json: &'s Json, name: &str| json.as_object().and_then(|own| member(own, name)).and_then(Json::as_str);
    let named = |list: &'s Json, key: &str, name: &str| -> Option<&'s Json> {
        let all = list.as_object().and_then(|own| member(own, key)).and_then(Json::as_array)?;
        all.iter().find(|own| text(own, "name").is_some_and(|own| own.eq_ignore_ascii_case(name)))
    };
    let wanted = path.schema.as_deref().unwrap_or(class.schema());
    let schema = schemas.iter().find(|own| text(own, "id").is_some_and(|own| own.eq_ignore_ascii_case(wanted)))?;
    if path.schema.is_none() && COMMON.iter().any(|own| own.eq_ignore_ascii_case(&path.name)) {
        return Some((schema, None));
    }
    let attribute = named(schema, "attributes", &path.name)?;
    match &path.sub {
        None => Some((attribute, None)),
        Some(sub) => match named(attribute, "subAttributes", sub) {
            Some(part) => Some((attribute, Some(part))),
            // Simple lists are told apart by a part that no schema names.
            None if sub == crate::path::VALUE && text(attribute, "type") != Some("complex") => Some((attribute, None)),
            None => None,
        },
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
