//! Assertions: texts that a client signed, to show that it holds a key whose certificate is known.

use super::CLIENT;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

/// What a request calls an assertion.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far the clock of a client may be ahead, and how long an assertion may be good, in seconds.
const AHEAD: f64 = 300.0;
const LONGEST: f64 = 24.0 * 3600.0;

/// A certificate that is known.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The certificate.
    pub certificate: Vec<u8>,
    /// Its key: modulus and exponent.
    pub key: Vec<u8>,
}

impl Registered {
    fn thumbprint(&self, algorithm: &'static Algorithm) -> String {
        URL_SAFE_NO_PAD.encode(digest(algorithm, &self.certificate))
    }
}

/// Why an assertion is not accepted: a number and what it says.
type Refusal = (u32, &'static str);

/// Checks an assertion for this address. Its own id is the answer.
pub fn check(text: &str, endpoint: &str, known: &[Registered], now: Timestamp) -> Result<String, Refusal> {
    const MALFORMED: Refusal = (50027, "The assertion is malformed.");
    const UNKNOWN: Refusal =
        (700027, "The certificate with identifier used to sign the client assertion is not registered on application.");
    let parts: Vec<&str> = text.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Err(MALFORMED) };
    let read =
        |part: &str| URL_SAFE_NO_PAD.decode(part).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let (Some(head), Some(claims_read)) = (read(header), read(claims)) else { return Err(MALFORMED) };
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| MALFORMED)?;
    let told = |name: &str| head.get(name).and_then(Value::as_str);
    let print = match (told("x5t#S256"), told("x5t")) {
        (Some(print), _) => (print, &SHA256),
        (None, Some(print)) => (print, &SHA1_FOR_LEGACY_USE_ONLY),
        (None, None) => return Err((700030, "The assertion does not say which certificate it was signed with.")),
    };
    let registered =
        known.iter().find(|known| known.thumbprint(print.1) == print.0.trim_end_matches('=')).ok_or(UNKNOWN)?;
    let signed = format!("{header}.{claims}");
    let verified = match told("alg") {
        Some("PS256") => {
            UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &registered.key).verify(signed.as_bytes(), &signature)
        }
        Some("RS256") => {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &registered.key).verify(signed.as_bytes(), &signature)
        }
        _ => return Err((700028, "The algorithm of the assertion is not supported.")),
    };
    verified.map_err(|_| (700027, "The assertion failed signature validation."))?;
    let claim = |name: &str| claims_read.get(name);
    let text = |name: &str| claim(name).and_then(Value::as_str);
    // These may have a fraction.
    let number = |name: &str| claim(name).and_then(Value::as_f64);
    if text("iss") != Some(CLIENT.0) || text("sub") != Some(CLIENT.0) {
        return Err((700021, "Issuer and subject of the assertion have to be the client."));
    }
    if text("aud") != Some(endpoint) {
        return Err((700023, "The audience of the assertion is not this endpoint."));
    }
    let now = now.as_millisecond() as f64 / 1000.0;
    let begin = number("nbf").or(number("iat")).unwrap_or(now);
    let Some(end) = number("exp") else { return Err((700024, "The assertion does not say when it ends.")) };
    if end <= now || begin > now + AHEAD || end - begin > LONGEST {
        return Err((700024, "The assertion is not within its valid time range."));
    }
    match text("jti") {
        Some(jti) if !jti.is_empty() => Ok(jti.to_owned()),
        _ => Err((50027, "The assertion has no id of its own.")),
    }
}
