//! Batches: up to twenty requests in one, each with an outcome of its own.

use super::call::{Call, segments};
use super::fault::{Body, Fault, Reply};
use super::query::Query;
use super::route::{Fate, Server};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most requests of a batch.
const MOST: usize = 20;

/// A request of a batch.
struct Part {
    id: String,
    call: Result<Call, Fault>,
    path: String,
    after: Vec<String>,
}

/// Carries a batch out.
pub fn answer(server: &mut Server, call: &Call, client: &str, fate: &mut Fate) -> Result<Reply, Fault> {
    let body = call.object()?;
    let wrong = |what: &str| Fault::new(400, "BadRequest", format!("Invalid batch payload format: {what}."));
    let requests = body.get("requests").and_then(Value::as_array).ok_or_else(|| wrong("'requests' is missing"))?;
    if requests.is_empty() {
        return Err(wrong("there is no request"));
    }
    if requests.len() > MOST {
        return Err(Fault::new(
            400,
            "BadRequest",
            format!("Number of batch request steps exceeds the maximum value of {MOST}."),
        ));
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut ids = BTreeSet::new();
    for request in requests {
        let part = part(request, &call.base).map_err(|what| wrong(&what))?;
        if !ids.insert(part.id.to_lowercase()) {
            return Err(wrong("an id is not unique"));
        }
        parts.push(part);
    }
    if parts.iter().flat_map(|part| &part.after).any(|id| !ids.contains(&id.to_lowercase())) {
        return Err(wrong("'dependsOn' names a request that is not there"));
    }
    let mut outcomes: BTreeMap<String, u16> = BTreeMap::new();
    let mut responses: Vec<Value> = Vec::new();
    while !parts.is_empty() {
        let ready = |part: &Part| part.after.iter().all(|id| outcomes.contains_key(&id.to_lowercase()));
        let Some(at) = parts.iter().position(ready) else { return Err(wrong("requests depend on each other")) };
        let part = parts.remove(at);
        let fails = |id: &String| outcomes.get(&id.to_lowercase()).is_some_and(|status| *status >= 400);
        let reply = match (part.after.iter().any(fails), part.call) {
            (true, _) => server
                .refuse(Fault::new(424, "FailedDependency", "A request on which this one depends failed."), client),
            (false, Err(fault)) => server.refuse(fault, client),
            (false, Ok(call)) => server.perform(&call, &part.path, client, true, fate),
        };
        outcomes.insert(part.id.to_lowercase(), reply.status);
        responses.push(response(&part.id, reply));
    }
    // The order of the requests is not kept.
    responses.reverse();
    Ok(Reply::json(200, json!({"responses": responses})))
}

fn part(request: &Value, base: &str) -> Result<Part, String> {
    let text = |name: &str| request.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("id").ok_or("a request has no id")?;
    let method = text("method").ok_or("a request has no method")?.to_uppercase();
    let path = text("url").ok_or("a request has no url")?;
    if path.contains("://") {
        return Err("a url is not relative".to_owned());
    }
    let headers: BTreeMap<String, &str> = request
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| value.as_str().map(|value| (name.to_lowercase(), value)))
        .collect();
    let header = |name: &str| headers.get(name).copied().unwrap_or_default();
    let body = request.get("body").filter(|body| !body.is_null()).cloned();
    if body.is_some() && !header("content-type").starts_with("application/json") {
        return Err("a request has a body and no content type".to_owned());
    }
    let after = request.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
    let after = after.map(|id| id.as_str().map(str::to_owned).ok_or("'dependsOn' has something that is no id"));
    let (way, options) = path.split_once('?').unwrap_or((path, ""));
    let call = Query::read(options).map(|query| Call {
        method,
        segments: segments(way),
        query: query.with(header("consistencylevel"), header("prefer")),
        body,
        base: base.to_owned(),
    });
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Part { id: id.to_owned(), call, path, after: after.collect::<Result<_, &str>>()? })
}

fn response(id: &str, reply: Reply) -> Value {
    let mut headers: Map<String, Value> = reply.headers.into_iter().map(|(name, value)| (name, json!(value))).collect();
    headers.insert("Cache-Control".to_owned(), json!("no-cache"));
    let body = match reply.body {
        Body::Empty => None,
        Body::Json(body) => {
            headers.insert("Content-Type".to_owned(), json!("application/json"));
            Some(body)
        }
        Body::Text(text) => {
            headers.insert("Content-Type".to_owned(), json!("text/plain"));
            Some(json!(text))
        }
    };
    let mut response = json!({"id": id, "status": reply.status, "headers": headers});
    if let Some(body) = body {
        response["body"] = body;
    }
    response
}
