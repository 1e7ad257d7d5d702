//! Lists, page by page.
//!
//! What comes next stands in a token that says nothing to its holder; the pages go on behind the object that was told
//! last, whatever came or went meanwhile.

use super::call::Call;
use super::fault::{Body, Fault, Reply};
use super::filter::Expression;
use super::object::{Kind, Object, Properties};
use super::tenant::Tenant;
use super::view::View;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Where pages go on.
#[derive(Debug, Default)]
pub struct Pages(HashMap<String, (String, String)>);

impl Pages {
    /// Forgets all of them.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

/// Tells objects: those that fit, in order, as many as a page holds.
pub fn list(tenant: &mut Tenant, call: &Call, kind: Option<Kind>, all: Vec<String>, of: &str) -> Result<Reply, Fault> {
    let view = View::of(tenant, call, kind)?;
    let top = call.query.top()?.unwrap_or(tenant.page);
    let weighed = kind.unwrap_or(Kind::User);
    let filter = call.query.filter(weighed)?;
    if kind.is_none() && (filter.is_some() || call.query.get("$orderby").is_some()) && !call.query.counts() {
        return Err(Fault::unsupported(
            "Filters and orders of references need 'ConsistencyLevel: eventual' and '$count=true'.",
        ));
    }
    let search = search(call)?;
    let order = call.query.order(weighed)?;
    let begin = match call.query.get("$skiptoken") {
        None => None,
        Some(token) => Some(tenant.pages.0.get(token).cloned().ok_or_else(|| {
            Fault::new(
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request.",
            )
        })?),
    };
    let now = tenant.now();
    let fits = |properties: &Properties| {
        filter.as_ref().is_none_or(|filter: &Expression| filter.holds(properties))
            && search.as_ref().is_none_or(|(name, words)| finds(properties, name, words))
    };
    let mut found: Vec<(String, &Object)> = all
        .iter()
        .filter_map(|id| tenant.objects.get(id))
        .filter(|object| object.visible <= now && fits(object.shown(now)))
        .map(|object| (order.map(|(name, _)| object.text(name).to_lowercase()).unwrap_or_default(), object))
        .collect();
    found.sort_by(|(one, object), (other, with)| (one, &object.id).cmp(&(other, &with.id)));
    let turned = order.is_some_and(|(_, turned)| turned);
    if turned {
        found.reverse();
    }
    let count = found.len();
    if let Some(begin) = begin {
        let is_told = |key: &str, id: &str| {
            let order = (key, id).cmp(&(begin.0.as_str(), begin.1.as_str()));
            if turned { order.is_ge() } else { order.is_le() }
        };
        found.retain(|(key, object)| !is_told(key, &object.id));
    }
    let has_more = found.len() > top;
    found.truncate(top);
    let value: Vec<Value> = found.iter().map(|(_, object)| Value::Object(view.tell(tenant, object))).collect();
    let next = found.last().filter(|_| has_more).map(|(key, object)| (key.clone(), object.id.clone()));
    let mut body = json!({"@odata.context": context(call, of, view.select.as_deref())});
    if call.query.counts() {
        body["@odata.count"] = json!(count);
    }
    if let Some(next) = next {
        let token = Uuid::new_v4().simple().to_string();
        body["@odata.nextLink"] = json!(link(call, &[("$skiptoken", &token)]));
        tenant.pages.0.insert(token, next);
    }
    body["value"] = json!(value);
    Ok(Reply::json(200, body))
}

/// How many objects fit.
pub fn count(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Reply, Fault> {
    if !call.query.is_eventual {
        return Err(Fault::bad("$count is not currently supported."));
    }
    let filter = call.query.get("$filter").map(super::filter::parse).transpose()?;
    if let Some(filter) = &filter {
        filter.needs_advanced(kind)?;
    }
    let now = tenant.now();
    let fits = |object: &&Object| {
        object.kind == kind
            && object.is_live()
            && object.visible <= now
            && filter.as_ref().is_none_or(|filter| filter.holds(object.shown(now)))
    };
    let count = tenant.objects.values().filter(fits).count();
    Ok(Reply { status: 200, headers: Vec::new(), body: Body::Text(count.to_string()) })
}

/// What a list is of.
pub fn context(call: &Call, of: &str, select: Option<&[String]>) -> String {
    let base = &call.base;
    match select {
        Some(names) => format!("{base}/$metadata#{of}({})", names.join(",")),
        None => format!("{base}/$metadata#{of}"),
    }
}

/// The same address with other tokens.
pub fn link(call: &Call, tokens: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(call.query.carried());
    query.extend_pairs(tokens);
    // Options keep their sign.
    format!("{}/{}?{}", call.base, call.segments.join("/"), query.finish().replace("%24", "$"))
}

/// `$search="displayName:word"`: the property and the words that have to begin words of it.
fn search(call: &Call) -> Result<Option<(String, Vec<String>)>, Fault> {
    let Some(text) = call.query.get("$search") else { return Ok(None) };
    if !call.query.is_eventual {
        return Err(Fault::unsupported(
            "Request with $search query parameter only works through MSGraph with a special request header: \
             'ConsistencyLevel: eventual'",
        ));
    }
    let clause = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.split_once(':'));
    match clause {
        Some((name @ ("displayName" | "description"), words)) => {
            Ok(Some((name.to_owned(), words.to_lowercase().split_whitespace().map(str::to_owned).collect())))
        }
        _ => Err(Fault::unsupported("The clause of $search has to be \"displayName:word\" or \"description:word\".")),
    }
}

fn finds(properties: &Properties, name: &str, words: &[String]) -> bool {
    let text = properties.get(name).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    words.iter().all(|word| text.split(|letter: char| !letter.is_alphanumeric()).any(|own| own.starts_with(word)))
}
