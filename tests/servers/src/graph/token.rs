//! Where tokens come from: whoever shows a secret, or signs with a key whose certificate is known, is given one.

use super::assertion::{self, Registered};
use super::clock::later;
use super::fault::Fault;
use super::{CLIENT, SCOPE, TENANT};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use uuid::Uuid;

/// A token that was given out.
#[derive(Debug, Clone)]
struct Given {
    audience: String,
    until: Timestamp,
}

/// The tokens that were given out, and who is given one.
pub struct Tokens {
    /// How long a token lasts.
    pub life: Duration,
    /// The certificates of the keys that clients may sign with.
    pub certificates: Vec<Registered>,
    given: HashMap<String, Given>,
    /// The assertions that were used.
    used: HashSet<String>,
}

impl Default for Tokens {
    fn default() -> Tokens {
        let life = Duration::from_secs(3599);
        Tokens { life, certificates: Vec::new(), given: HashMap::new(), used: HashSet::new() }
    }
}

/// Why no token is given: a status, the error, its number and what it says.
type Refusal = (u16, &'static str, u32, &'static str);

impl Tokens {
    /// Forgets all of them.
    pub fn forget(&mut self) {
        self.given.clear();
    }

    /// Refuses what is no token of this service, or none any more.
    pub fn check(&self, header: &str, own: &str, now: Timestamp) -> Result<(), Fault> {
        let refuse = |message: &str| {
            let mut fault = Fault::new(401, "InvalidAuthenticationToken", message);
            fault.headers.push(("WWW-Authenticate".to_owned(), "Bearer realm=\"\"".to_owned()));
            Err(fault)
        };
        let Some(token) = header.strip_prefix("Bearer ").filter(|token| !token.is_empty()) else {
            return refuse("Access token is empty.");
        };
        match self.given.get(token) {
            None => refuse("IDX14100: JWT is not well formed, there are no dots (.)."),
            Some(given) if given.until <= now => refuse("Lifetime validation failed, the token is expired."),
            Some(given) if given.audience != audience(SCOPE) && given.audience != own => {
                refuse("Access token validation failure. Invalid audience.")
            }
            Some(_) => Ok(()),
        }
    }

    /// Answers whoever asks for a token. `endpoint` is the address that was asked.
    pub fn give(&mut self, endpoint: &str, tenant: &str, form: &[u8], own: &str, now: Timestamp) -> (u16, Value) {
        match self.granted(endpoint, tenant, form, own, now) {
            Ok(body) => (200, body),
            Err((status, error, number, what)) => {
                let trace = Uuid::new_v4().to_string();
                let description = format!("AADSTS{number}: {what} Trace ID: {trace} Timestamp: {now}");
                (
                    status,
                    json!({
                        "error": error,
                        "error_description": description,
                        "error_codes": [number],
                        "timestamp": now.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
                        "trace_id": trace,
                        "correlation_id": Uuid::new_v4().to_string(),
                    }),
                )
            }
        }
    }

    fn granted(
        &mut self,
        endpoint: &str,
        tenant: &str,
        form: &[u8],
        own: &str,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        let fields: HashMap<String, String> = url::form_urlencoded::parse(form).into_owned().collect();
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if tenant != TENANT {
            return Err((400, "invalid_request", 90002, "The tenant was not found."));
        }
        if field("grant_type") != "client_credentials" {
            return Err((400, "unsupported_grant_type", 70003, "The grant type is not supported."));
        }
        if field("client_id") != CLIENT.0 {
            return Err((400, "unauthorized_client", 700016, "The application was not found in the directory."));
        }
        match (field("client_secret"), field("client_assertion")) {
            ("", "") => {
                return Err((
                    401,
                    "invalid_client",
                    7000218,
                    "The request must have a client_secret or client_assertion.",
                ));
            }
            ("", text) => {
                if field("client_assertion_type") != assertion::TYPE {
                    return Err((400, "invalid_request", 900144, "The client_assertion_type is wrong."));
                }
                let jti = assertion::check(text, endpoint, &self.certificates, now)
                    .map_err(|(number, what)| (401, "invalid_client", number, what))?;
                if !self.used.insert(jti) {
                    return Err((401, "invalid_client", 70002, "The client assertion was used before."));
                }
            }
            (secret, "") if secret == CLIENT.1 => {}
            (_, "") => return Err((401, "invalid_client", 7000215, "Invalid client secret provided.")),
            _ => return Err((400, "invalid_request", 90014, "Only one proof may be shown.")),
        }
        let Some(audience) = field("scope").strip_suffix("/.default") else {
            return Err((400, "invalid_scope", 1002012, "The scope has to be a resource with /.default behind it."));
        };
        let known = [audience_of_world(), own, "https://graph.windows.net", "https://outlook.office365.com"];
        if !known.contains(&audience) {
            return Err((400, "invalid_resource", 500011, "The resource principal was not found in the tenant."));
        }
        let token = format!("eyJ.{}.{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let given = Given { audience: audience.to_owned(), until: later(now, self.life) };
        self.given.insert(token.clone(), given);
        let life = self.life.as_secs();
        Ok(json!({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token}))
    }
}

fn audience(scope: &str) -> &str {
    scope.strip_suffix("/.default").unwrap_or(scope)
}

fn audience_of_world() -> &'static str {
    audience(SCOPE)
}

/// What the service says of itself; clients ask for it first.
pub fn configuration(login: &str, tenant: &str) -> Value {
    let base = format!("{login}/{tenant}");
    json!({
        "issuer": format!("{base}/v2.0"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
    })
}
