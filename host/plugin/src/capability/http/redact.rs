//! Keeps the host's secrets out of what a plugin is shown.
//!
//! Some services repeat in an answer what they were sent. Whatever the host put into a request of its own accord is
//! taken out again, letter by letter, before a plugin sees the answer.

use regex::bytes::{NoExpand, Regex};
use reqwest::header::{HeaderMap, HeaderName};
use sluss_engine::fault::{Fault, FaultKind};

/// Shorter texts would turn up by chance.
const SHORTEST: usize = 4;

/// Headers of an answer that are the host's business.
const HIDDEN: [&str; 12] = [
    "authentication-info",
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "set-cookie",
    "set-cookie2",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

/// Headers of a request that only the host sets. Some servers take the method from one of the last three, past what was
/// granted.
const RESERVED: [&str; 16] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-host",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

/// Whether a plugin may set a header.
pub fn is_reserved(name: &HeaderName, own: &[HeaderName]) -> bool {
    RESERVED.contains(&name.as_str()) || name.as_str().starts_with("proxy-") || own.contains(name)
}

/// Finds secrets.
pub struct Redactor {
    secrets: Option<Regex>,
    /// The length of the longest of them.
    longest: usize,
}

impl Redactor {
    /// One that finds these.
    pub fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Result<Redactor, Fault> {
        let secrets: Vec<&str> = secrets.filter(|secret| secret.len() >= SHORTEST).collect();
        let longest = secrets.iter().map(|secret| secret.len()).max().unwrap_or(1);
        let mut patterns: Vec<String> = secrets.into_iter().map(regex::escape).collect();
        if patterns.is_empty() {
            return Ok(Redactor { secrets: None, longest: 1 });
        }
        // Where one contains another, the longer one has to be tried first.
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
        let regex = Regex::new(&patterns.join("|"))
            .map_err(|_| Fault::new(FaultKind::Config, "a secret of the connection is too long to look for"))?;
        Ok(Redactor { secrets: Some(regex), longest })
    }

    /// The bytes with stars for every secret.
    pub fn clean(&self, bytes: Vec<u8>) -> Vec<u8> {
        match &self.secrets {
            Some(regex) if regex.is_match(&bytes) => regex.replace_all(&bytes, NoExpand(b"***")).into_owned(),
            _ => bytes,
        }
    }

    /// Takes from the front what can be shown, with stars for every secret, and leaves what may be the beginning of one
    /// that the next piece ends.
    pub fn drain(&self, waiting: &mut Vec<u8>) -> Vec<u8> {
        let mut cut = waiting.len().saturating_sub(self.longest - 1);
        if let Some(secrets) = &self.secrets
            && let Some(found) = secrets.find_iter(waiting).find(|found| found.end() > cut)
            && found.start() < cut
        {
            cut = found.end();
        }
        self.clean(waiting.drain(..cut).collect())
    }

    /// The headers that a plugin may see.
    pub fn headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        headers
            .iter()
            .filter(|(name, _)| !HIDDEN.contains(&name.as_str()))
            .map(|(name, value)| {
                let value = self.clean(value.as_bytes().to_vec());
                (name.as_str().to_owned(), String::from_utf8_lossy(&value).into_owned())
            })
            .collect()
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn secrets_become_stars_wherever_they_stand() {
        let redactor = Redactor::new(["s3cr.t", "s3cr.t-longer", "abc"].into_iter()).unwrap();
        let cleaned = redactor.clean(b"\xffs3cr.t s3cr.t-longer s3crxt abc".to_vec());
        assert_eq!(cleaned, b"\xff*** *** s3crxt abc");
        let mut headers = HeaderMap::new();
        headers.insert("x-echo", "Bearer s3cr.t".parse().unwrap());
        headers.insert("set-cookie", "a=b".parse().unwrap());
        assert_eq!(redactor.headers(&headers), [("x-echo".to_owned(), "Bearer ***".to_owned())]);
    }

    #[test]
    fn secrets_become_stars_however_a_body_is_cut() {
        let redactor = Redactor::new(["s3cr.t", "s3cr.t-longer"].into_iter()).unwrap();
        let body = b"a s3cr.t b s3cr.t-longer s3cr.t-lon c s3cr.t";
        for size in 1..body.len() {
            let (mut waiting, mut shown) = (Vec::new(), Vec::new());
            for piece in body.chunks(size) {
                waiting.extend_from_slice(piece);
                shown.extend(redactor.drain(&mut waiting));
                assert!(waiting.len() < "s3cr.t-longer".len());
            }
            shown.extend(redactor.clean(waiting));
            assert_eq!(shown, b"a *** b *** ***-lon c ***", "{size}");
        }
    }

    #[test]
    fn some_headers_are_the_hosts_own() {
        let own: [HeaderName; 1] = ["x-key".parse().unwrap()];
        for reserved in ["Host", "cookie", "Proxy-Authorization", "X-HTTP-Method-Override", "x-key"] {
            assert!(is_reserved(&reserved.parse().unwrap(), &own), "{reserved}");
        }
        assert!(!is_reserved(&"if-match".parse().unwrap(), &own));
    }
}
