//! Tokens.

use crate::client::World;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use sluss_test_servers::certificate::Identity;
use sluss_test_servers::graph::CLIENT;
use std::time::{Duration, SystemTime};

const TYPE: (&str, &str) = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

fn claims(world: &World) -> Value {
    let now = now();
    json!({
        "aud": world.graph.token(),
        "iss": CLIENT.0,
        "sub": CLIENT.0,
        "jti": format!("{now}"),
        "nbf": now,
        "iat": now,
        "exp": now + 600.5,
    })
}

fn sign(identity: &Identity, algorithm: &str, claims: &Value) -> String {
    let certificate = CertificateDer::from_pem_file(&identity.certificate).unwrap();
    let print = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
    let head = json!({"alg": algorithm, "typ": "JWT", "x5t#S256": print});
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
    let key = RsaKeyPair::from_pkcs8(key.secret_der()).unwrap();
    let way: &'static dyn RsaEncoding = if algorithm == "RS256" { &RSA_PKCS1_SHA256 } else { &RSA_PSS_SHA256 };
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(way, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn tokens_are_for_whoever_knows_the_secret_and_end() {
    let mut world = World::start().await;
    for (field, value, status, error) in [
        ("client_secret", "wrong", 401, "invalid_client"),
        ("client_id", "nobody", 400, "unauthorized_client"),
        ("grant_type", "password", 400, "unsupported_grant_type"),
        ("scope", "User.Read.All", 400, "invalid_scope"),
        ("scope", "https://elsewhere.test/.default", 400, "invalid_resource"),
    ] {
        let refused = world
            .ask_for_token(&[("client_secret", CLIENT.1), (field, value)][usize::from(field == "client_secret")..])
            .await;
        assert_eq!((refused.status, refused.body["error"].as_str()), (status, Some(error)), "{field}={value}");
        assert!(refused.body["error_description"].as_str().unwrap().starts_with("AADSTS"));
    }
    assert_eq!(world.ask_for_token(&[]).await.is(401).body["error"], "invalid_client");
    assert_eq!(world.graph.seen().tokens, 0);

    world.get("/users").await.is(200);
    world.graph.advance(Duration::from_secs(3600));
    let ended = world.get("/users").await.is(401);
    assert_eq!(ended.code(), "InvalidAuthenticationToken");
    assert!(ended.message().contains("expired"), "{}", ended.body);
    world.renew().await;
    world.get("/users").await.is(200);
    world.graph.token_life(Duration::from_secs(60));
    assert_eq!(world.ask_for_token(&[("client_secret", CLIENT.1)]).await.is(200).body["expires_in"], 60);

    let other = world
        .ask_for_token(&[("client_secret", CLIENT.1), ("scope", "https://graph.windows.net/.default")])
        .await
        .is(200);
    world.token = other.body["access_token"].as_str().unwrap().to_owned();
    assert!(world.get("/users").await.is(401).message().contains("audience"));
    world.token = "nonsense".to_owned();
    world.get("/users").await.is(401);
}

#[tokio::test]
async fn an_assertion_is_verified_and_good_for_once() {
    let world = World::start().await;
    let known = world.graph.certificate().unwrap();
    for algorithm in ["PS256", "RS256"] {
        let good = sign(&known, algorithm, &claims(&world));
        let token = world.ask_for_token(&[TYPE, ("client_assertion", &good)]).await.is(200);
        assert_eq!(token.body["token_type"], "Bearer");
        let again = world.ask_for_token(&[TYPE, ("client_assertion", &good)]).await.is(401);
        assert!(again.body["error_description"].as_str().unwrap().contains("used before"));
    }
    let with = |name: &str, value: Value| {
        let mut claims = claims(&world);
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = claims(&world);
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    for (claims, number) in [
        (with("aud", json!("https://login.microsoftonline.com/x/oauth2/v2.0/token")), 700023),
        (with("iss", json!("somebody")), 700021),
        (with("sub", json!("somebody")), 700021),
        (with("exp", json!(now() - 1.0)), 700024),
        (with("nbf", json!(now() + 3600.0)), 700024),
        (with("exp", json!(now() + 1e6)), 700024),
        (without("exp"), 700024),
        (without("jti"), 50027),
    ] {
        let refused = world.ask_for_token(&[TYPE, ("client_assertion", &sign(&known, "PS256", &claims))]).await.is(401);
        assert_eq!(refused.body["error_codes"], json!([number]), "{claims}");
    }
    // Another key under a known certificate, a key nobody knows, another algorithm, and no assertion at all.
    let other = World::start().await;
    let stranger = other.graph.certificate().unwrap();
    let forged = Identity { certificate: known.certificate.clone(), key: stranger.key.clone() };
    let good = sign(&known, "PS256", &claims(&world));
    let mixed = format!(
        "{}.{}",
        good.rsplit_once('.').unwrap().0,
        sign(&known, "PS256", &claims(&world)).rsplit_once('.').unwrap().1
    );
    for text in [
        sign(&forged, "PS256", &claims(&world)),
        sign(&stranger, "PS256", &claims(&world)),
        sign(&known, "none", &claims(&world)),
        mixed,
        "a.b.c".to_owned(),
        "x".to_owned(),
    ] {
        world.ask_for_token(&[TYPE, ("client_assertion", &text)]).await.is(401);
    }
    world.ask_for_token(&[("client_assertion", &good)]).await.is(400);
    world.ask_for_token(&[TYPE, ("client_assertion", &good), ("client_secret", CLIENT.1)]).await.is(400);
    world.ask_for_token(&[TYPE, ("client_assertion", &good)]).await.is(200);
}
