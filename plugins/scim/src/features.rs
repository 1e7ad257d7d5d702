//! What the service can do, by its own word and the operator's.
//!
//! Services leave parts of SCIM out, and some say nothing of it. What is not said is taken to be as most have it: parts
//! of resources can be changed and resources can be looked for, and nothing else.

use crate::answer::{Answer, List};
use crate::class::Class;
use crate::path::member;
use crate::service::{Asked, Service};
use crate::settings::Supports;
use serde_json::Value as Json;
use sluss_sdk::Error;

/// How much goes in one request of many where a service that takes such does not say.
const OPERATIONS: u64 = 100;
const PAYLOAD: u64 = 256 * 1024;

/// What a service can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// Whether it says so itself.
    pub is_told: bool,
    /// Parts of a resource can be changed.
    pub patch: bool,
    /// Many changes can travel in one request, so many and of so many bytes.
    pub bulk: Option<(usize, usize)>,
    /// Resources can be looked for by an attribute.
    pub filter: bool,
    /// The most resources that a page has.
    pub results: Option<u32>,
    /// Resources can be read in an order.
    pub sort: bool,
    /// A change can be made to depend on the version of a resource.
    pub etag: bool,
    /// Where the resources of each class are; none where the service says that it has none.
    users: Option<String>,
    groups: Option<String>,
}

impl Features {
    /// Asks the service.
    pub fn learn(service: &impl Service, supports: Supports) -> Result<Features, Error> {
        let told = optional(service, "/ServiceProviderConfig", "say what it can do")?;
        let types = optional(service, "/ResourceTypes", "say what it has")?;
        let types = types.map(|types| List::of(types, "say what it has")).transpose()?;
        Ok(Features::of(told.as_ref(), types.as_ref().map(|types| types.resources.as_slice()), supports))
    }

    /// What was told, and what the operator says of it.
    pub fn of(told: Option<&Json>, types: Option<&[Json]>, supports: Supports) -> Features {
        let part = |name: &str| told.and_then(Json::as_object).and_then(|told| member(told, name)?.as_object());
        let can = |name: &str, otherwise: bool| {
            let supported = part(name).and_then(|part| member(part, "supported"));
            supported
                .and_then(|own| own.as_bool().or_else(|| Some(own.as_str()?.eq_ignore_ascii_case("true"))))
                .unwrap_or(otherwise)
        };
        let number = |name: &str, limit: &str| part(name).and_then(|part| member(part, limit)).and_then(Json::as_u64);
        let bulk = supports.bulk.unwrap_or_else(|| can("bulk", false)).then(|| {
            let limit = |name: &str, otherwise| {
                usize::try_from(number("bulk", name).unwrap_or(otherwise)).unwrap_or(usize::MAX)
            };
            (limit("maxOperations", OPERATIONS), limit("maxPayloadSize", PAYLOAD))
        });
        let place = |class: Class| match types {
            None | Some([]) => Some(format!("/{}s", class.resource_type())),
            Some(types) => types.iter().find_map(|own| place(own, class)),
        };
        Features {
            is_told: told.is_some(),
            patch: supports.patch.unwrap_or_else(|| can("patch", told.is_none())),
            // One at a time is no advantage.
            bulk: bulk.filter(|(operations, payload)| *operations > 1 && *payload > 0),
            filter: supports.filter.unwrap_or_else(|| can("filter", told.is_none())),
            results: number("filter", "maxResults").and_then(|most| u32::try_from(most).ok()).filter(|most| *most > 0),
            sort: supports.sort.unwrap_or_else(|| can("sort", false)),
            etag: supports.etag.unwrap_or_else(|| can("etag", false)),
            users: place(Class::User),
            groups: place(Class::Group),
        }
    }

    /// Where the resources of a class are.
    pub fn place(&self, class: Class) -> Result<&str, Error> {
        let place = match class {
            Class::User => &self.users,
            Class::Group => &self.groups,
        };
        place.as_deref().ok_or_else(|| {
            Error::unsupported(format!(
                "The service has no resources of the type {} (/ResourceTypes): take the rules for its class `{}` out",
                class.resource_type(),
                class.name()
            ))
        })
    }

    /// What it can do, for people.
    pub fn told(&self) -> String {
        let bulk = self.bulk.map(|(operations, payload)| format!("{operations} changes of {payload} bytes at once"));
        let can: Vec<String> = [
            self.patch.then(|| "change parts of resources".to_owned()),
            bulk,
            self.filter.then(|| "look for resources".to_owned()),
            self.sort.then(|| "give them in an order".to_owned()),
            self.etag.then(|| "tell versions".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect();
        if can.is_empty() { "only whole resources".to_owned() } else { can.join(", ") }
    }
}

/// Where the resources of a type are, if it is the type of this class.
fn place(told: &Json, class: Class) -> Option<String> {
    let told = told.as_object()?;
    let text = |name: &str| member(told, name).and_then(Json::as_str);
    if !text("schema").is_some_and(|schema| schema.eq_ignore_ascii_case(class.schema())) {
        return None;
    }
    // Some services write more of the address than what stands below the base.
    let last = text("endpoint")?.trim_end_matches('/').rsplit('/').next()?;
    let is_plain =
        !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    Some(if is_plain { format!("/{last}") } else { format!("/{}s", class.resource_type()) })
}

/// What is asked for, if the service tells it to us.
pub fn optional(service: &impl Service, path: &str, what: &str) -> Result<Option<Json>, Error> {
    let response = service.send(&Asked::get(path))?;
    let answer = Answer::of(&response, service.now());
    match answer.status {
        400 | 403 | 404 | 405 | 410 | 501 => Ok(None),
        _ => answer.read(what).map(Some),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn features(told: Json, supports: Json) -> Features {
        Features::of(Some(&told), None, serde_json::from_value(supports).unwrap())
    }

    #[test]
    fn the_services_word_counts_and_the_operators_more() {
        let told = json!({
            "patch": {"supported": true}, "bulk": {"supported": true, "maxOperations": 50, "maxPayloadSize": 4096},
            "filter": {"supported": "true", "maxResults": 100}, "sort": {"supported": false}, "Etag": {"supported": true},
        });
        let own = features(told.clone(), json!({}));
        assert_eq!((own.patch, own.bulk, own.filter, own.results), (true, Some((50, 4096)), true, Some(100)));
        assert_eq!((own.sort, own.etag, own.place(Class::Group).unwrap()), (false, true, "/Groups"));
        let own = features(told, json!({"patch": false, "bulk": false, "filter": false, "etag": false, "sort": true}));
        assert_eq!((own.patch, own.bulk, own.filter, own.sort, own.etag), (false, None, false, true, false));
        assert_eq!(features(json!({"bulk": {"supported": true}}), json!({})).bulk, Some((100, 256 * 1024)));
        assert_eq!(features(json!({"bulk": {"supported": true, "maxOperations": 0}}), json!({})).bulk, None);
    }

    #[test]
    fn a_service_that_says_nothing_is_like_most() {
        let own = Features::of(None, None, Supports::default());
        assert_eq!((own.patch, own.bulk, own.filter, own.sort, own.etag), (true, None, true, false, false));
        let own = features(json!({}), json!({}));
        assert!(!own.patch && !own.filter, "one that speaks, and not of that, cannot do it");
    }

    #[test]
    fn resources_are_where_the_service_says() {
        let of = |types: Json| Features::of(None, Some(types.as_array().unwrap()), Supports::default());
        let user = json!({"schema": Class::User.schema(), "endpoint": "https://x.test/scim/v2/People/"});
        let odd = json!({"schema": Class::Group.schema(), "endpoint": "/a/b c"});
        let own = of(json!([user, odd]));
        assert_eq!((own.place(Class::User).unwrap(), own.place(Class::Group).unwrap()), ("/People", "/Groups"));
        let alone = of(json!([user]));
        assert!(alone.place(Class::Group).unwrap_err().message.contains("`group`"));
        assert_eq!(of(json!([])).place(Class::User).unwrap(), "/Users");
    }
}
