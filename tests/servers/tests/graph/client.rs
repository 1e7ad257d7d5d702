//! A plain client of Graph, and people for it.

use reqwest::{Method, header::HeaderMap};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use sluss_test_servers::Graph;
use sluss_test_servers::graph::{CLIENT, SCOPE};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// What was answered.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Said {
    /// The code of a refusal.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// What a refusal is about: the code and the target of its first detail.
    pub fn detail(&self) -> (&str, &str) {
        let detail = &self.body["error"]["details"][0];
        (detail["code"].as_str().unwrap_or_default(), detail["target"].as_str().unwrap_or_default())
    }

    /// The message of a refusal.
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What a list tells.
    pub fn values(&self) -> &[Value] {
        self.body["value"].as_array().map_or(&[], Vec::as_slice)
    }

    /// One property of everything that a list tells, in the order of letters.
    pub fn each(&self, name: &str) -> Vec<&str> {
        let mut texts: Vec<&str> = self.values().iter().map(|value| value[name].as_str().unwrap_or_default()).collect();
        texts.sort_unstable();
        texts
    }

    /// Expects a status.
    pub fn is(self, status: u16) -> Said {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

/// Graph, and somebody who asks it.
pub struct World {
    pub graph: Graph,
    pub http: reqwest::Client,
    pub token: String,
    /// Where requests go; Graph itself, unless somebody is on the way.
    pub url: String,
    _folder: TempDir,
}

/// A client that trusts an authority.
pub fn http(authority: &Path) -> reqwest::Client {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(config).no_proxy().build().unwrap()
}

/// A form, as browsers write it.
pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl World {
    /// Graph with a tenant in which nobody is, and a client with a token.
    pub async fn start() -> World {
        let folder = tempfile::tempdir().unwrap();
        let graph = Graph::start(folder.path()).await.unwrap();
        let http = http(graph.authority());
        let url = graph.url();
        let mut world = World { graph, http, token: String::new(), url, _folder: folder };
        world.renew().await;
        world.graph.seen();
        world
    }

    /// Gets a new token.
    pub async fn renew(&mut self) {
        self.token = self.ask_for_token(&[("client_secret", CLIENT.1)]).await.is(200).body["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
    }

    /// Asks for a token with these fields beside those that are always there; the last of a name counts.
    pub async fn ask_for_token(&self, fields: &[(&str, &str)]) -> Said {
        let mut all = vec![("grant_type", "client_credentials"), ("client_id", CLIENT.0), ("scope", SCOPE)];
        all.retain(|(name, _)| !fields.iter().any(|(own, _)| own == name));
        all.extend(fields);
        let request = self.http.post(self.graph.token()).header("content-type", "application/x-www-form-urlencoded");
        said(request.body(form(&all))).await.unwrap()
    }

    /// Asks; fails if no answer comes.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Said {
        self.try_to_send(method, path, body, headers).await.unwrap()
    }

    /// Asks, and may get no answer.
    pub async fn try_to_send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Said> {
        let address = if path.starts_with("https://") { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request = self.http.request(method, address).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        said(request).await
    }

    pub async fn get(&self, path: &str) -> Said {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Asks what may be answered with what is a little old.
    pub async fn get_eventually(&self, path: &str) -> Said {
        self.send(Method::GET, path, None, &[("ConsistencyLevel", "eventual")]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Said {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Said {
        self.send(Method::PUT, path, Some(body), &[]).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Said {
        self.send(Method::PATCH, path, Some(body), &[]).await
    }

    pub async fn delete(&self, path: &str) -> Said {
        self.send(Method::DELETE, path, None, &[]).await
    }

    /// Makes somebody by hand.
    pub fn somebody(&self, alias: &str) -> String {
        self.graph.tenant(|tenant| tenant.add_user(user(alias))).unwrap()
    }

    /// Makes a security group by hand.
    pub fn group(&self, alias: &str) -> String {
        self.graph.tenant(|tenant| tenant.add_group(security_group(alias))).unwrap()
    }

    /// A reference to an object.
    pub fn reference(&self, id: &str) -> Value {
        json!({"@odata.id": format!("{}/directoryObjects/{id}", self.url)})
    }
}

async fn said(request: reqwest::RequestBuilder) -> reqwest::Result<Said> {
    let answer = request.send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Said { status, headers, body })
}

/// Somebody new.
pub fn user(alias: &str) -> Value {
    json!({
        "accountEnabled": true,
        "displayName": format!("Prov {alias}"),
        "mailNickname": alias,
        "userPrincipalName": format!("{alias}@kommun.test"),
        "usageLocation": "SE",
        "passwordProfile": {"password": "L0ng-and-secret", "forceChangePasswordNextSignIn": true},
    })
}

/// A new security group.
pub fn security_group(alias: &str) -> Value {
    json!({
        "displayName": alias,
        "mailEnabled": false,
        "mailNickname": alias,
        "securityEnabled": true,
        "groupTypes": [],
    })
}

/// A new Microsoft 365 group.
pub fn unified_group(alias: &str) -> Value {
    json!({
        "displayName": alias,
        "mailEnabled": true,
        "mailNickname": alias,
        "securityEnabled": false,
        "groupTypes": ["Unified"],
    })
}
