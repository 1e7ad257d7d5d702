//! The web capability against small servers on the loopback address, in the clear and over TLS.

#![allow(clippy::unwrap_used)]

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use sluss_engine::fault::FaultKind;
use sluss_plugin::capability::http::{Http, HttpConfig, Intent, Request};
use sluss_test_servers::Authority;
use sluss_test_servers::certificate::Identity;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What a server is asked: the request line and the headers, names in lower case, and the body.
type Asked = (String, Vec<(String, String)>, String);

/// A server that answers by a function and remembers what it was asked.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    fn start(tls: Option<ServerConfig>, answer: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (tls, answer, log) = (tls.map(Arc::new), Arc::new(answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, answer, log) = (tls.clone(), Arc::clone(&answer), Arc::clone(&log));
                std::thread::spawn(move || match tls {
                    Some(tls) => serve(StreamOwned::new(ServerConnection::new(tls).unwrap(), stream), &*answer, &log),
                    None => serve(stream, &*answer, &log),
                });
            }
        });
        Server { port, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn open(&self, more: &str) -> Http {
        Http::open("service", &config(&format!("http://localhost:{}/v1", self.port), more)).unwrap()
    }
}

fn serve<S: Read + Write>(stream: S, answer: &dyn Fn(&Asked) -> String, log: &Mutex<Vec<Asked>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            match stream.read_line(&mut line) {
                Ok(1..) if line.trim().is_empty() => break,
                Ok(1..) => lines.push(line.trim().to_owned()),
                _ => return,
            }
        }
        let headers: Vec<(String, String)> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        let asked = (lines[0].clone(), headers, String::from_utf8(body).unwrap());
        log.lock().unwrap().push(asked.clone());
        let answer = answer(&asked);
        let is_last = answer.is_empty() || asked.0.contains("/cut");
        if stream.get_mut().write_all(answer.as_bytes()).is_err() || is_last {
            return;
        }
    }
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn config(url: &str, more: &str) -> HttpConfig {
    toml::from_str(&format!("url = '{url}'\nallow-clear-text = true\ntimeout = 5\n{more}\n")).unwrap()
}

fn get(path: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        secrets: Vec::new(),
        intent: Intent::Read,
    }
}

fn header<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.1.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

fn secret(value: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, value).unwrap();
    (folder, format!("{{ file = '{}' }}", file.display()))
}

#[tokio::test]
async fn a_request_arrives_as_meant_and_its_answer_comes_back() -> Result<()> {
    let server =
        Server::start(None, |_| reply("429 Too Many", "Retry-After: 7\r\nset-cookie: a=b\r\nX-Id: 1\r\n", "later"));
    let http = server.open("");
    let request = Request {
        method: "POST".to_owned(),
        query: vec![("q".to_owned(), "å & b".to_owned())],
        headers: vec![("If-Match".to_owned(), "\"7\"".to_owned())],
        body: Some(b"hello".to_vec()),
        intent: Intent::Write(1),
        ..get("/users/1")
    };
    let response = http.send(request).await?;
    assert_eq!((response.status, response.body.as_slice()), (429, b"later".as_slice()));
    let seen: Vec<(&str, &str)> = response.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(seen, [("retry-after", "7"), ("x-id", "1")]);
    let asked = server.asked().remove(0);
    assert_eq!(asked.0, "POST /v1/users/1?q=%C3%A5+%26+b HTTP/1.1");
    assert_eq!((header(&asked, "if-match"), asked.2.as_str()), (Some("\"7\""), "hello"));
    assert_eq!(header(&asked, "authorization"), None);
    assert_eq!(http.requests(), 1);
    Ok(())
}

#[tokio::test]
async fn what_is_not_granted_is_not_sent() {
    let server = Server::start(None, |_| reply("200 OK", "", ""));
    let http = server.open("paths = ['/users']\nmethods = ['GET', 'POST']");
    let with = |method: &str, path: &str, name: &str, value: &str| Request {
        method: method.to_owned(),
        headers: vec![(name.to_owned(), value.to_owned())],
        ..get(path)
    };
    for (request, kind, words) in [
        (with("DELETE", "/users", "a", "b"), FaultKind::Permission, "`methods`"),
        (with("POST", "/users", "a", "b"), FaultKind::Permission, "`read-methods`"),
        (with("get", "/users", "a", "b"), FaultKind::Permission, "`methods`"),
        (with("GET", "/admin", "a", "b"), FaultKind::Permission, "`paths`"),
        (with("GET", "/users/../admin", "a", "b"), FaultKind::Invalid, "climbs"),
        (with("GET", "/users", "Authorization", "b"), FaultKind::Permission, "authorization"),
        (with("GET", "/users", "Host", "evil.test"), FaultKind::Permission, "host"),
        (with("GET", "/users", "X-HTTP-Method-Override", "DELETE"), FaultKind::Permission, "override"),
        (with("GET", "/users", "a", "b\r\nhost: evil"), FaultKind::Invalid, "characters"),
        (with("GET", "/users", "a\r\nhost", "evil"), FaultKind::Invalid, "no header name"),
    ] {
        let fault = http.send(request).await.unwrap_err();
        assert!(fault.kind == kind && fault.message.contains(words) && !fault.sent, "{words}: {fault:?}");
    }
    assert_eq!((server.asked().len(), http.requests()), (0, 0));
}

#[tokio::test]
async fn secrets_are_shown_to_the_service_and_to_nobody_else() -> Result<()> {
    let (_folder, source) = secret("s3cr3t-t0ken");
    for (auth, name, value) in [
        (format!("bearer = {{ token = {source} }}"), "authorization", "Bearer s3cr3t-t0ken"),
        (format!("api-key = {{ header = 'X-Key', value = {source} }}"), "x-key", "s3cr3t-t0ken"),
        (format!("basic = {{ user = 'me', password = {source} }}"), "authorization", "Basic bWU6czNjcjN0LXQwa2Vu"),
    ] {
        let server = Server::start(None, move |asked| {
            let shown = header(asked, name).unwrap_or("nothing").to_owned();
            reply("200 OK", &format!("x-echo: {shown}\r\n"), &format!("you sent {shown}, or s3cr3t-t0ken"))
        });
        let http = server.open(&format!("auth = {{ {auth} }}"));
        let response = http.send(get("/users")).await?;
        assert_eq!(header(&server.asked()[0], name), Some(value));
        let all = format!("{:?} {} {http:?}", response.headers, String::from_utf8(response.body)?);
        assert!(!all.contains("s3cr3t") && !all.contains("bWU6") && all.contains("you sent"), "{all}");
    }
    let clear = toml::from_str(&format!("url = 'http://localhost'\nauth = {{ bearer = {{ token = {source} }} }}"))?;
    assert!(Http::open("service", &clear).unwrap_err().message.contains("in clear text"));
    Ok(())
}

#[tokio::test]
async fn tokens_are_fetched_kept_and_renewed() -> Result<()> {
    let (_folder, source) = secret("client s3cret");
    let issued = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&issued);
    let server = Server::start(None, move |asked| {
        let mut issued = counter.lock().unwrap();
        if asked.0.starts_with("POST /token") {
            *issued += 1;
            return reply("200 OK", "", &format!("{{\"access_token\":\"token-{issued}\",\"expires_in\":3600}}"));
        }
        // The service forgets the first token after its first use.
        let used = format!("Bearer token-{issued}");
        match header(asked, "authorization") {
            Some(shown) if shown == used && (*issued != 1 || asked.0.contains("first")) => reply("200 OK", "", "in"),
            _ => reply("401 Unauthorized", "www-authenticate: Bearer\r\n", "out"),
        }
    });
    let auth = |id: &str| {
        let url = format!("http://localhost:{}/token", server.port);
        format!("[auth.oauth2]\ntoken-url = '{url}'\nclient-id = '{id}'\nclient-secret = {source}\nscope = 'all'")
    };
    let http = server.open(&auth("me"));
    assert_eq!(http.send(get("/first")).await?.body, b"in");
    assert_eq!(http.send(get("/first")).await?.body, b"in");
    assert_eq!((http.requests(), *issued.lock().unwrap()), (3, 1));
    assert_eq!(http.send(get("/second")).await?.body, b"in");
    assert_eq!((http.requests(), *issued.lock().unwrap()), (6, 2));
    let token = server.asked().remove(0);
    assert_eq!(token.2, "grant_type=client_credentials&scope=all");
    assert_eq!(header(&token, "authorization"), Some("Basic bWU6Y2xpZW50K3MzY3JldA=="));

    // A service that refuses even a new token is believed.
    let refusing = Server::start(None, |asked| match asked.0.starts_with("POST") {
        true => reply("200 OK", "", "{\"access_token\":\"t-never\"}"),
        false => reply("401 Unauthorized", "", "out"),
    });
    let url = format!("http://localhost:{}", refusing.port);
    let more = auth("me").replace(&format!("http://localhost:{}", server.port), &url);
    assert_eq!(Http::open("service", &config(&url, &more))?.send(get("/x")).await?.status, 401);

    let broken = Server::start(None, |_| {
        reply("401 Unauthorized", "", "{\"error\":\"invalid_client\",\"x\":\"client s3cret\"}")
    });
    let more = auth("me").replace(&server.port.to_string(), &broken.port.to_string());
    let fault = Http::open("service", &config(&url, &more))?.send(get("/x")).await.unwrap_err();
    assert!(fault.kind == FaultKind::Auth && fault.message.contains("invalid_client") && !fault.sent, "{fault:?}");
    assert!(!fault.message.contains("s3cret"));
    Ok(())
}

#[tokio::test]
async fn keys_of_a_gateway_are_sent_beside_the_proof_and_shown_to_nobody() -> Result<()> {
    let (_folder, source) = secret("s3cr3t-k3y");
    let (_other, token) = secret("s3cr3t-t0ken");
    let server = Server::start(None, |asked| {
        let shown = header(asked, "client_secret").unwrap_or("nothing").to_owned();
        reply("200 OK", &format!("x-echo: {shown}\r\n"), &format!("you sent {shown} and s3cr3t-t0ken"))
    });
    let keys = format!("secret-headers = {{ client_secret = {source} }}");
    let http = server.open(&format!("{keys}\nauth = {{ bearer = {{ token = {token} }} }}"));
    let response = http.send(get("/users")).await?;
    let asked = server.asked().remove(0);
    assert_eq!(header(&asked, "client_secret"), Some("s3cr3t-k3y"));
    assert_eq!(header(&asked, "authorization"), Some("Bearer s3cr3t-t0ken"));
    let all = format!("{:?} {} {http:?}", response.headers, String::from_utf8(response.body)?);
    assert!(!all.contains("s3cr3t") && all.contains("you sent"), "{all}");

    let forged = Request { headers: vec![("Client_Secret".to_owned(), "x".to_owned())], ..get("/users") };
    assert_eq!(http.send(forged).await.unwrap_err().kind, FaultKind::Permission);
    let wrong = server.open(&format!("secret-headers = {{ authorization = {source} }}"));
    let fault = wrong.send(get("/users")).await.unwrap_err();
    assert!(fault.kind == FaultKind::Config && fault.message.contains("`auth`"), "{fault:?}");
    let missing = server.open("secret-headers = { x-key = { file = '/nowhere' } }");
    assert!(missing.send(get("/users")).await.unwrap_err().message.contains("/nowhere"));
    let clear = toml::from_str(&format!("url = 'http://localhost'\n{keys}"))?;
    assert!(Http::open("service", &clear).unwrap_err().message.contains("in clear text"));
    assert_eq!(server.asked().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_key_in_the_query_is_sent_with_every_request_and_shown_to_nobody() -> Result<()> {
    let (_folder, source) = secret("s3cr3t&k3y");
    let server = Server::start(None, |asked| {
        let shown = asked.0.split(' ').nth(1).unwrap().to_owned();
        match shown.contains("/near") {
            true => reply("302 Found", "location: /v1/there?y=2\r\n", ""),
            false => reply("200 OK", &format!("x-echo: {shown}\r\n"), &format!("you asked for {shown}")),
        }
    });
    let http = server.open(&format!("secret-query = {{ apiKey = {source} }}"));
    let query = [("x", "1"), ("apiKey", "mine")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = Request { query: query.to_vec(), ..get("/near") };
    let response = http.send(request).await?;
    let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.0).collect();
    assert!(asked[0].contains("/v1/near?x=1&apiKey=s3cr3t%26k3y "), "{asked:?}");
    assert!(asked[1].contains("/v1/there?y=2&apiKey=s3cr3t%26k3y "), "{asked:?}");
    let all = format!("{:?} {} {http:?}", response.headers, String::from_utf8(response.body)?);
    assert!(!all.contains("s3cr3t") && all.contains("apiKey=***"), "{all}");
    let clear = toml::from_str(&format!("url = 'http://localhost'\nsecret-query = {{ apiKey = {source} }}"))?;
    assert!(Http::open("service", &clear).unwrap_err().message.contains("in clear text"));
    Ok(())
}

#[tokio::test]
async fn a_long_body_is_taken_piece_by_piece_and_one_that_is_cut_off_ends_with_a_fault() -> Result<()> {
    let (_folder, source) = secret("s3cr3t-k3y");
    let server = Server::start(None, |asked| {
        let whole = reply("200 OK", "x-y: z\r\n", &"0123456789 s3cr3t-k3y ".repeat(100_000));
        match asked.0.contains("/cut") {
            true => whole[..1_000_000].to_owned(),
            false => whole,
        }
    });
    let http = server.open(&format!("max-body = 1000\nsecret-headers = {{ x-key = {source} }}"));
    let mut opened = http.open_body(get("/whole")).await?;
    assert_eq!((opened.status, opened.headers.iter().any(|(name, _)| name == "x-y")), (200, true));
    let (mut body, mut pieces) = (Vec::new(), 0);
    loop {
        let piece = opened.body.take(5_000).await?;
        assert!(piece.len() <= 5_000);
        if piece.is_empty() {
            break;
        }
        body.extend(piece);
        pieces += 1;
    }
    assert!(pieces > 100 && body == "0123456789 *** ".repeat(100_000).into_bytes(), "{pieces} {}", body.len());
    assert!(opened.body.take(1).await?.is_empty());
    let mut cut = http.open_body(get("/cut")).await?;
    let end = loop {
        match cut.body.take(1 << 20).await {
            Ok(piece) => assert!(!piece.is_empty(), "half a body is not taken for a whole one"),
            Err(fault) => break fault,
        }
    };
    assert!(end.kind == FaultKind::Unavailable && end.sent, "{end:?}");
    Ok(())
}

#[tokio::test]
async fn redirections_are_followed_only_within_the_connection() -> Result<()> {
    let server = Server::start(None, |asked| {
        let to = |to: &str| reply("302 Found", &format!("location: {to}\r\n"), "");
        match asked.0.split(' ').nth(1).unwrap() {
            "/v1/users/near" => to("/v1/users/there?x=1"),
            "/v1/users/away" => to("http://127.0.0.1:1/v1/users/there"),
            "/v1/users/up" => to("/v1/admin"),
            "/v1/users/round" => to("/v1/users/round"),
            _ => reply("200 OK", "", "arrived"),
        }
    });
    let http = server.open("paths = ['/users']");
    assert_eq!(http.send(get("/users/near")).await?.body, b"arrived");
    for (path, kind) in
        [("away", FaultKind::Permission), ("up", FaultKind::Permission), ("round", FaultKind::Unavailable)]
    {
        let fault = http.send(get(&format!("/users/{path}"))).await.unwrap_err();
        assert_eq!((fault.kind, fault.sent), (kind, true), "{path}");
    }
    let write = Request { method: "POST".to_owned(), intent: Intent::Write(1), ..get("/users/near") };
    assert_eq!(http.send(write).await?.status, 302);
    let round = server.asked().iter().filter(|asked| asked.0.contains("round")).count();
    assert_eq!(round, 6);
    Ok(())
}

#[tokio::test]
async fn a_failure_says_whether_anything_was_sent() -> Result<()> {
    let silent = Server::start(None, |_| {
        std::thread::sleep(Duration::from_secs(5));
        String::new()
    });
    let closing = Server::start(None, |_| String::new());
    let long = Server::start(None, |_| reply("200 OK", "", &"x".repeat(2000)));
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    for (port, more, sent, words) in [
        (silent.port, "timeout = 1", true, "did not answer in time"),
        (closing.port, "timeout = 5", true, "was lost"),
        (long.port, "max-body = 1000\ntimeout = 5", true, "raise `max-body`"),
        (nobody, "timeout = 5", false, "nothing listens"),
    ] {
        let text = format!("url = 'http://localhost:{port}'\n{more}");
        let fault = Http::open("service", &toml::from_str(&text)?)?.send(get("/x")).await.unwrap_err();
        assert!(fault.sent == sent && fault.message.contains(words), "{words}: {fault:?}");
    }
    let nowhere = toml::from_str("url = 'http://no.such.machine.invalid'\ntimeout = 5")?;
    let fault = Http::open("service", &nowhere)?.send(get("/x")).await.unwrap_err();
    assert_eq!((fault.kind, fault.sent), (FaultKind::Unavailable, false), "{fault:?}");
    Ok(())
}

/// TLS of a server that demands a certificate of the authority.
fn mutual(authority: &Authority, identity: &Identity) -> Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority.certificate())?)?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build()?;
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_client_cert_verifier(verifier).with_single_cert(
        vec![CertificateDer::from_pem_file(&identity.certificate)?],
        PrivateKeyDer::from_pem_file(&identity.key)?,
    )?)
}

/// A token may be given only to those who show a certificate, while the service itself wants none.
#[tokio::test]
async fn a_certificate_is_shown_to_a_token_endpoint() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let authority = Authority::new(folder.path())?;
    let identity = authority.server(&["localhost", "127.0.0.1"])?;
    let client = authority.client("sluss")?;
    let (_folder, source) = secret("client s3cret");
    let tls = mutual(&authority, &identity)?;
    let endpoint = Server::start(Some(tls), |_| reply("200 OK", "", "{\"access_token\":\"token-1\"}"));
    let server = Server::start(None, |_| reply("200 OK", "", "in"));
    let ca = authority.certificate();
    let config = |host: &str, connection: &str, own: &str| {
        let url = format!("http://localhost:{}", server.port);
        let oauth2 = format!(
            "token-url = 'https://{host}:{}/token'\nclient-id = 'me'\nclient-secret = {source}\nca = '{}'",
            endpoint.port,
            ca.display()
        );
        config(&url, &format!("{connection}\n[auth.oauth2]\n{oauth2}\n{own}"))
    };
    let shown = format!("certificate = '{}'\nkey = '{}'", client.certificate.display(), client.key.display());
    // The connection's own certificate is for its own host; another is shown only what was named for it.
    for (host, connection, own, is_shown) in [
        ("localhost", shown.as_str(), "", true),
        ("localhost", "", "", false),
        ("127.0.0.1", shown.as_str(), "", false),
        ("127.0.0.1", "", shown.as_str(), true),
    ] {
        match Http::open("service", &config(host, connection, own))?.send(get("/x")).await {
            Ok(response) => assert!(is_shown && response.body == b"in", "{host}"),
            Err(fault) => {
                assert!(!is_shown && fault.message.contains("client certificate") && !fault.sent, "{fault:?}")
            }
        }
    }
    let half = config("localhost", "", "certificate = '/nowhere'");
    assert!(Http::open("service", &half).unwrap_err().message.contains("`oauth2`"));
    Ok(())
}

/// The endpoint knows the client's certificate; nobody tells a secret.
#[tokio::test]
async fn a_token_is_given_for_a_signed_proof() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let client = Authority::new(folder.path())?.client("sluss")?;
    let server = Server::start(None, |asked| match asked.0.starts_with("POST /token") {
        true => reply("200 OK", "", "{\"access_token\":\"token-1\",\"expires_in\":1}"),
        false => reply("200 OK", "", "in"),
    });
    let url = format!("http://localhost:{}/token", server.port);
    let files = format!("certificate = '{}', key = '{}'", client.certificate.display(), client.key.display());
    let auth = format!("[auth.oauth2]\ntoken-url = '{url}'\nclient-id = 'me'\nassertion = {{ {files} }}");
    let http = server.open(&auth);
    assert_eq!(http.send(get("/x")).await?.body, b"in");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(http.send(get("/x")).await?.body, b"in");

    let PrivateKeyDer::Pkcs8(own) = PrivateKeyDer::from_pem_file(&client.key)? else { panic!("a key of another form") };
    let form = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let key = EcdsaKeyPair::from_pkcs8(form, own.secret_pkcs8_der(), &SystemRandom::new()).unwrap();
    let mut ids = Vec::new();
    for asked in server.asked().iter().filter(|asked| asked.0.starts_with("POST /token")) {
        assert_eq!(header(asked, "authorization"), None);
        let fields: HashMap<String, String> = url::form_urlencoded::parse(asked.2.as_bytes()).into_owned().collect();
        assert_eq!(fields["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        let parts: Vec<&str> = fields["client_assertion"].split('.').collect();
        let decode = |part: &str| BASE64.decode(part).unwrap();
        let header: serde_json::Value = serde_json::from_slice(&decode(parts[0]))?;
        let claims: serde_json::Value = serde_json::from_slice(&decode(parts[1]))?;
        let certificate = CertificateDer::from_pem_file(&client.certificate)?;
        let thumbprint = BASE64.encode(ring::digest::digest(&ring::digest::SHA256, &certificate));
        assert_eq!((&header["alg"], &header["x5t#S256"]), (&"ES256".into(), &thumbprint.into()));
        assert_eq!(
            (&claims["aud"], &claims["iss"], &claims["sub"]),
            (&url.as_str().into(), &"me".into(), &"me".into())
        );
        let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert!((1..=600).contains(&life), "{life}");
        ids.push(claims["jti"].clone());
        let signed = format!("{}.{}", parts[0], parts[1]);
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref());
        public.verify(signed.as_bytes(), &decode(parts[2])).unwrap();
    }
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1], "each proof is used once");
    for wrong in [auth.replace("assertion", "client-secret = { env = 'X' }\nassertion"), auth.replace("assertion", "#")]
    {
        let fault = Http::open("service", &config(&format!("http://localhost:{}", server.port), &wrong)).unwrap_err();
        assert!(fault.message.contains("either `client-secret` or `assertion`"), "{fault}");
    }
    let missing = server.open(&auth.replace("sluss.key", "nowhere.key")).send(get("/x")).await.unwrap_err();
    assert!(missing.kind == FaultKind::Config && missing.message.contains("nowhere.key"), "{missing}");
    Ok(())
}

#[tokio::test]
async fn tls_is_checked_and_a_certificate_is_shown() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let authority = Authority::new(folder.path())?;
    let identity = authority.server(&["localhost"])?;
    let client = authority.client("sluss")?;
    let other = tempfile::tempdir()?;
    let elsewhere = Authority::new(other.path())?.certificate();
    let tls = mutual(&authority, &identity)?;
    let server = Server::start(Some(tls), |_| reply("200 OK", "", "hello"));
    let ca = format!("ca = '{}'", authority.certificate().display());
    let shown = format!("certificate = '{}'\nkey = '{}'", client.certificate.display(), client.key.display());
    let open = |host: &str, more: String| {
        let url = format!("https://{host}:{}", server.port);
        Http::open("service", &config(&url, &more)).unwrap()
    };
    assert_eq!(open("localhost", format!("{ca}\n{shown}")).send(get("/x")).await?.body, b"hello");

    let untrusted = open("localhost", format!("ca = '{}'\n{shown}", elsewhere.display()));
    let fault = untrusted.send(get("/x")).await.unwrap_err();
    assert!(fault.message.contains("name the authority's PEM file as `ca`") && !fault.sent, "{fault:?}");
    let fault = open("127.0.0.1", format!("{ca}\n{shown}")).send(get("/x")).await.unwrap_err();
    assert!(fault.kind == FaultKind::Config && fault.message.contains("another name"), "{fault:?}");
    let fault = open("localhost", ca.clone()).send(get("/x")).await.unwrap_err();
    assert!(fault.message.contains("client certificate"), "{fault:?}");
    let missing = open("localhost", format!("{ca}\ncertificate = '/nowhere'\nkey = '/nowhere'"));
    assert!(missing.send(get("/x")).await.unwrap_err().message.contains("/nowhere"));
    assert!(Http::open("service", &config("https://x", "key = '/nowhere'")).is_err());
    Ok(())
}

#[tokio::test]
async fn requests_are_paced() -> Result<()> {
    let server = Server::start(None, |_| reply("200 OK", "", ""));
    let http = server.open("requests-per-second = 20.0");
    let since = Instant::now();
    for _ in 0..5 {
        http.send(get("/x")).await?;
    }
    assert!(since.elapsed() >= Duration::from_millis(200), "{:?}", since.elapsed());
    Ok(())
}

#[test]
fn an_unknown_key_is_refused() {
    for text in ["url = 'https://x'\ntokn = 1", "url = 'https://x'\nauth = { bearer = { tken = { env = 'X' } } }"] {
        assert!(toml::from_str::<HttpConfig>(text).is_err());
    }
}
