//! Which addresses a connection leads to: its own origin, below its own path, at the paths that were granted.
//!
//! A path is judged as the most lenient server might read it: with escapes undone, also those inside of escapes, with
//! backslashes as slashes and path parameters cut off. What would then climb is refused before it is sent.

use super::message::Location;
use sluss_engine::fault::{Fault, FaultKind};
use url::Url;

/// How often an escape inside of an escape is undone before a path is refused.
const MOST_LAYERS: usize = 4;

/// The addresses of one connection.
#[derive(Debug)]
pub struct Route {
    connection: String,
    base: Url,
    /// The base's path, without a slash at the end.
    root: String,
    prefixes: Vec<String>,
}

impl Route {
    /// The addresses that a configuration grants.
    pub fn new(connection: &str, url: &str, paths: &[String]) -> Result<Route, Fault> {
        let wrong = |message: String| Fault::new(FaultKind::Config, message);
        let base = Url::parse(url).map_err(|error| wrong(format!("`url` of the connection {connection}: {error}")))?;
        let is_plain = base.query().is_none()
            && base.fragment().is_none()
            && base.username().is_empty()
            && base.password().is_none()
            && base.has_host();
        if !matches!(base.scheme(), "http" | "https") || !is_plain {
            return Err(wrong(format!(
                "`url` of the connection {connection} has to be https://host:port/path and nothing more"
            )));
        }
        let mut prefixes = Vec::with_capacity(paths.len());
        for path in paths {
            check(path).map_err(|why| wrong(format!("`paths` of the connection {connection}: {path:?} {why}")))?;
            prefixes.push(path.trim_end_matches('/').to_owned());
        }
        let root = base.path().trim_end_matches('/').to_owned();
        Ok(Route { connection: connection.to_owned(), base, root, prefixes })
    }

    /// The connection's address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The whole address for a plugin's path and query.
    pub fn url(&self, path: &str, query: &[(String, String)]) -> Result<Url, Fault> {
        check(path).map_err(|why| Fault::new(FaultKind::Invalid, format!("the path {path:?} {why}")))?;
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.root));
        // As it will be sent, which is what counts.
        let sent = url.path().strip_prefix(&self.root).unwrap_or_default();
        self.granted(sent)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// Takes an absolute link apart, if it stays within the connection.
    pub fn resolve(&self, link: &str) -> Result<Location, Fault> {
        let url = Url::parse(link)
            .map_err(|error| Fault::new(FaultKind::Invalid, format!("the link is no absolute address: {error}")))?;
        self.within(&url)
    }

    /// Takes an address apart, if it stays within the connection.
    pub fn within(&self, url: &Url) -> Result<Location, Fault> {
        let is_ours = url.origin() == self.base.origin() && url.username().is_empty() && url.password().is_none();
        let path = url.path().strip_prefix(&self.root).filter(|path| path.starts_with('/'));
        let (true, Some(path)) = (is_ours, path) else {
            let message = format!(
                "a link leads to {}{}, outside of {}, which is all that the connection {} reaches",
                url.origin().ascii_serialization(),
                url.path(),
                self.base,
                self.connection
            );
            return Err(Fault::new(FaultKind::Permission, message));
        };
        check(path).map_err(|why| Fault::new(FaultKind::Invalid, format!("the path {path:?} {why}")))?;
        self.granted(path)?;
        let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Ok(Location { path: path.to_owned(), query })
    }

    fn granted(&self, path: &str) -> Result<(), Fault> {
        let is_below = |prefix: &String| {
            path.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if self.prefixes.iter().any(is_below) {
            return Ok(());
        }
        let message = format!(
            "the path {path} is not granted: to allow it, add it, or a path above it, to `paths` of the connection {}",
            self.connection
        );
        Err(Fault::new(FaultKind::Permission, message))
    }
}

/// What is wrong with a path, if anything.
fn check(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') {
        return Err("has to start with /");
    }
    if path.contains(['?', '#']) {
        return Err("has a query or a fragment, which are given by themselves");
    }
    if path.contains('\\') {
        return Err("has a backslash");
    }
    if path.contains("//") {
        return Err("has an empty segment");
    }
    let mut layer = path.as_bytes().to_vec();
    for depth in 0..MOST_LAYERS {
        if layer.iter().any(|byte| byte.is_ascii_control()) {
            return Err("has control characters");
        }
        let mut segments = layer.split(|byte| matches!(byte, b'/' | b'\\')).skip(1);
        let climbs = segments.any(|segment| {
            let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
            name == b"." || name == b".."
        });
        if climbs {
            return Err("climbs with . or ..");
        }
        match unescape(&layer) {
            None if depth == 0 => return Err("has a % that escapes nothing"),
            Some(next) if next != layer => layer = next,
            // Inside of an escape a lone % is an ordinary sign.
            _ => return Ok(()),
        }
    }
    Err("is escaped over and over")
}

/// The bytes with one layer of escapes undone; none where a `%` escapes nothing.
fn unescape(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            plain.push(*first);
            continue;
        }
        let digits = after.get(..2)?;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        plain.push((digit(digits[0])? * 16 + digit(digits[1])?) as u8);
        rest = &after[2..];
    }
    Some(plain)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn route() -> Route {
        let paths = ["/users".to_owned(), "/groups/".to_owned()];
        Route::new("graph", "https://api.example.test/v1/", &paths).unwrap()
    }

    #[test]
    fn a_path_and_its_query_stand_below_the_address() {
        let query = [("$filter".to_owned(), "name eq 'Åsa & Bo'".to_owned())];
        let url = route().url("/users/a%20b", &query).unwrap();
        let expected = "https://api.example.test/v1/users/a%20b?%24filter=name+eq+%27%C3%85sa+%26+Bo%27";
        assert_eq!(url.as_str(), expected);
        assert_eq!(route().url("/users", &[]).unwrap().as_str(), "https://api.example.test/v1/users");
        assert_eq!(route().url("/groups/ö", &[]).unwrap().as_str(), "https://api.example.test/v1/groups/%C3%B6");
        assert!(route().url("/users/100%25", &[]).is_ok());
        assert!(route().url("/users/a%2Fb", &[]).is_ok());
    }

    #[test]
    fn no_path_climbs_or_leads_elsewhere() {
        for path in [
            "",
            "users",
            "//evil.test/users",
            "https://evil.test/users",
            "/users/../admin",
            "/users/./../admin",
            "/users/%2e%2e/admin",
            "/users/.%2E/admin",
            "/users/%252e%252e/admin",
            "/users/..%2fadmin",
            "/users/..;x=1/admin",
            "/users/%2e%2e%3b/admin",
            r"/users\..\admin",
            "/users/%5c..%5cadmin",
            "/users/x\r\nHost: evil",
            "/users/%0d%0aHost",
            "/users?x=1",
            "/users#x",
            "/users/%zz",
            "/users//x",
            "/%2525252525252e",
        ] {
            assert_eq!(route().url(path, &[]).unwrap_err().kind, FaultKind::Invalid, "{path}");
        }
    }

    #[test]
    fn only_granted_paths_are_reached() {
        assert!(route().url("/groups/1/members", &[]).is_ok());
        for path in ["/", "/users2", "/Users", "/admin/users", "/group", "/users%2f"] {
            let fault = route().url(path, &[]).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Permission, "{path}");
            assert!(fault.message.contains("`paths` of the connection graph"), "{fault}");
        }
        let all = Route::new("graph", "https://api.example.test", &["/".to_owned()]).unwrap();
        assert!(all.url("/anything", &[]).is_ok() && all.url("/", &[]).is_ok());
    }

    #[test]
    fn a_link_stays_within_the_connection() {
        let link = "https://api.example.test:443/v1/users/delta?%24skiptoken=a%2Bb&x=1+2";
        let location = route().resolve(link).unwrap();
        assert_eq!(location.path, "/users/delta");
        assert_eq!(location.query, [("$skiptoken", "a+b"), ("x", "1 2")].map(|(n, v)| (n.to_owned(), v.to_owned())));
        for link in [
            "https://evil.test/v1/users",
            "http://api.example.test/v1/users",
            "https://api.example.test:8443/v1/users",
            "https://api.example.test.evil.test/v1/users",
            "https://api.example.test@evil.test/v1/users",
            "https://me:pw@api.example.test/v1/users",
            "https://api.example.test/v2/users",
            "https://api.example.test/v1/../v2/users",
            "https://api.example.test/v10/users",
            "https://api.example.test/v1/admin",
        ] {
            assert_eq!(route().resolve(link).unwrap_err().kind, FaultKind::Permission, "{link}");
        }
        assert_eq!(route().resolve("/users").unwrap_err().kind, FaultKind::Invalid);
    }

    #[test]
    fn an_address_is_an_origin_and_a_path() {
        for url in ["ftp://x", "https://", "https://a:b@x", "https://x?y", "https://x#y", "x", "data:text/plain,x"] {
            assert_eq!(Route::new("c", url, &[]).unwrap_err().kind, FaultKind::Config, "{url}");
        }
        assert!(Route::new("c", "https://x", &["users".to_owned()]).is_err());
    }
}
