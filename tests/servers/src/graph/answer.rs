//! From HTTP to a request and back.

use super::call::{Call, segments};
use super::fault::{Body, Fault, Reply};
use super::mood::Mood;
use super::query::Query;
use super::route::{Fate, Server};
use super::token;
use crate::https::{Answer, Question};
use anyhow::{Result, bail};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// Answers a question.
pub async fn answer(server: Arc<Mutex<Server>>, question: Question) -> Result<Answer> {
    let mut fate = Fate::default();
    let (reply, kind, ids) = {
        let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
        match question.uri().path().strip_prefix("/v1.0") {
            Some(path) => {
                let (reply, ids) = graph(&mut server, path, &question, &mut fate);
                (reply, JSON, Some(ids))
            }
            None => (login(&mut server, &question, &mut fate), "application/json; charset=utf-8", None),
        }
    };
    tokio::time::sleep(fate.delay).await;
    if fate.is_cut {
        bail!("the connection is cut");
    }
    let mut answer = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        answer = answer.header(name, value);
    }
    if let Some((request, client)) = ids {
        answer =
            answer.header("request-id", request).header("client-request-id", client).header("OData-Version", "4.0");
    }
    let (kind, text) = match reply.body {
        Body::Empty => (None, String::new()),
        Body::Json(body) => (Some(kind), body.to_string()),
        Body::Text(text) => (Some("text/plain"), text),
    };
    let half = |text: &str| text[..text.floor_char_boundary(text.len() / 2)].to_owned();
    let (kind, text) = match fate.spoilt {
        Some(Mood::Gateway(_)) => {
            (Some("text/html"), "<html><body><h1>Our services are not available</h1></body></html>".to_owned())
        }
        Some(Mood::Half) => (kind, half(&text)),
        Some(Mood::CutBody) => {
            answer = answer.header("content-length", text.len());
            (kind, half(&text))
        }
        Some(Mood::Malformed) => (kind, text.replacen(':', ",", 1)),
        Some(Mood::WrongShape) => {
            (Some(JSON), json!({"value": {"users": "198602212394 Hemlig"}, "responses": 7}).to_string())
        }
        Some(Mood::Nested) => (Some(JSON), format!("{{\"value\":{}{}}}", "[".repeat(200), "]".repeat(200))),
        _ => (kind, text),
    };
    if let Some(kind) = kind {
        answer = answer.header("content-type", kind);
    }
    Ok(answer.body(Full::new(Bytes::from(text)))?)
}

fn header<'a>(question: &'a Question, name: &str) -> &'a str {
    question.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A request of Graph, and the ids of it.
fn graph(server: &mut Server, path: &str, question: &Question, fate: &mut Fate) -> (Reply, (String, String)) {
    let own = header(question, "client-request-id");
    let client = if own.is_empty() { Uuid::new_v4().to_string() } else { own.to_owned() };
    let ids = (Uuid::new_v4().to_string(), client.clone());
    server.seen.requests += 1;
    let reply = match read(server, path, question) {
        Ok(call) => {
            let options = question.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
            server.perform(&call, &format!("{path}{options}"), &client, false, fate)
        }
        Err(fault) => server.refuse(fault, &client),
    };
    (reply, ids)
}

fn read(server: &mut Server, path: &str, question: &Question) -> Result<Call, Fault> {
    if server.moods.front() == Some(&Mood::ForgetTokens) {
        server.moods.pop_front();
        server.tokens.forget();
    }
    let own = server.base.strip_suffix("/v1.0").unwrap_or_default();
    server.tokens.check(header(question, "authorization"), own, server.tenant.now())?;
    let query = Query::read(question.uri().query().unwrap_or_default())?;
    let body: Option<Value> = match question.body().is_empty() {
        true => None,
        false if !header(question, "content-type").starts_with("application/json") => return Err(Fault::unreadable()),
        false => Some(serde_json::from_slice(question.body()).map_err(|_| Fault::unreadable())?),
    };
    Ok(Call {
        method: question.method().to_string(),
        segments: segments(path),
        query: query.with(header(question, "consistencylevel"), header(question, "prefer")),
        body,
        base: server.public.clone().unwrap_or_else(|| server.base.clone()),
    })
}

/// A request of the service that tokens come from.
fn login(server: &mut Server, question: &Question, fate: &mut Fate) -> Reply {
    let login = server.base.strip_suffix("/v1.0").unwrap_or_default().to_owned();
    let path = segments(question.uri().path());
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (question.method().as_str(), path.as_slice()) {
        ("GET", [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
            Reply::json(200, token::configuration(&login, tenant))
        }
        ("POST", [tenant, "oauth2", "v2.0", "token"]) => {
            let mood = server.mood("POST /token", true);
            match mood {
                Mood::Slow(delay) => fate.delay = delay,
                Mood::Cut | Mood::CutAfter => fate.is_cut = true,
                Mood::Status(status, after) => return server.refuse(Fault::status(status, after), ""),
                Mood::Gateway(status) => {
                    fate.spoilt = Some(mood);
                    return server.refuse(Fault::status(status, None), "");
                }
                Mood::Well => {}
                mood => fate.spoilt = Some(mood),
            }
            let (now, endpoint) = (server.tenant.now(), format!("{login}{}", question.uri().path()));
            let (status, body) = server.tokens.give(&endpoint, tenant, question.body(), &login, now);
            server.seen.tokens += usize::from(status == 200);
            Reply::json(status, body)
        }
        _ => Reply::json(404, json!({"error": "invalid_request"})),
    }
}
