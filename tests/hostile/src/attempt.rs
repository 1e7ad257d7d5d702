//! Ways out of the sandbox that a connector may try, and what became of each.

use sluss_sdk::files::Folder;
use sluss_sdk::ldap::{Connection, Operation, Query, Request, Scope};
use sluss_sdk::{Error, Page, http};

/// Names that lead out of a folder. The test puts the link there.
const NAMES: [&str; 9] = [
    "../secret",
    "../../etc/passwd",
    "./../secret",
    "sub/../../secret",
    "/etc/passwd",
    "//etc/passwd",
    "link",
    "link/passwd",
    "secret\0.txt",
];

/// Names that lead out on Windows; elsewhere they are odd names of files that are not there.
const WINDOWS: [&str; 3] = ["..\\secret", "C:\\Windows\\win.ini", "\\\\server\\share\\file"];

/// A page with one fault for each attempt, which says what became of it: `refused: ` or `gained: `.
fn page(attempts: impl IntoIterator<Item = (String, Result<String, String>)>) -> Page {
    let mut page = Page::new::<&str>(&[]);
    for (what, outcome) in attempts {
        let message = match outcome {
            Ok(gain) => format!("gained: {gain}"),
            Err(reason) => format!("refused: {reason}"),
        };
        page.fault(Error::permission(message).object(what));
    }
    page
}

/// What the host answered, without what it gave.
fn told<T>(answer: Result<T, Error>, gain: impl FnOnce(T) -> String) -> Result<String, String> {
    answer.map(gain).map_err(|error| kind(&error))
}

fn kind(error: &Error) -> String {
    format!("{:?}", error.kind).replace("ErrorKind::", "")
}

/// Tries to read and write outside a granted folder.
pub fn escapes(folder: &Folder) -> Page {
    let bytes = |content: Vec<u8>| format!("{} bytes", content.len());
    let mut attempts = Vec::new();
    for name in NAMES.into_iter().chain(WINDOWS) {
        attempts.push((format!("read {name}"), told(folder.read(name, 0, 100), bytes)));
        attempts.push((format!("digest {name}"), told(folder.digest(name), |_| "a digest".to_owned())));
    }
    // Something to move there.
    if let Err(error) = folder.append("trace", b"owned\n") {
        attempts.push(("append trace".to_owned(), Err(kind(&error))));
    }
    for name in NAMES {
        attempts.push((format!("append {name}"), told(folder.append(name, b"owned"), |()| "a write".to_owned())));
        if name == "link" {
            // To remove or replace the link itself is no way out.
            continue;
        }
        attempts.push((format!("remove {name}"), told(folder.remove(name), |()| "a removal".to_owned())));
        attempts.push((format!("rename to {name}"), told(folder.rename("trace", name), |()| "a move".to_owned())));
    }
    page(attempts)
}

/// Tries to reach what was not granted, through the host and through WASI.
pub fn dials() -> Page {
    let other = "not-granted";
    let ldap = Connection::new(other);
    let query = Query {
        base: String::new(),
        scope: Scope::Subtree,
        filter: "(objectClass=*)".to_owned(),
        attributes: Vec::new(),
        with_guids: false,
    };
    let remove = Request { change: 1, dn: "dc=se".to_owned(), operation: Operation::Remove };
    let capabilities = [
        ("http get", told(http::get(other, "/").send(), |answer| answer.status.to_string())),
        ("http write", told(http::write(other, "DELETE", "/", 1).send(), |answer| answer.status.to_string())),
        ("http link", told(http::follow(other, "http://127.0.0.1/").map(drop), |()| "a link".to_owned())),
        ("ldap server", told(ldap.server(), |entry| entry.dn)),
        ("ldap base", told(ldap.base(), |base| base)),
        ("ldap search", told(ldap.search(&query, None, 10), |found| found.entries.len().to_string())),
        ("ldap write", told(ldap.write(&[remove]), |outcomes| outcomes.len().to_string())),
        ("files entries", told(Folder::new(other).entries(), |entries| entries.len().to_string())),
        ("files write", told(Folder::new(other).append("f", b"x"), |()| "a write".to_owned())),
    ];
    let wasi = [
        ("wasi environment", std::env::vars().next().map(|_| "a variable".to_owned()).ok_or("empty".to_owned())),
        ("wasi arguments", std::env::args().next().map(|_| "an argument".to_owned()).ok_or("empty".to_owned())),
    ];
    page(capabilities.into_iter().chain(wasi).map(|(what, outcome)| (what.to_owned(), outcome)))
}
