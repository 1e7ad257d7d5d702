//! What a slapd of the tests is told at its start.
//!
//! One file in the server's own language, so that a failing test can be repeated by hand with nothing but the folder.

use super::{ADMIN, Options, PASSWORD, READER, SUFFIX};
use crate::certificate::Identity;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Where Debian puts what belongs to slapd.
const SCHEMAS: &str = "/etc/ldap/schema";
const MODULES: &str = "/usr/lib/ldap";

/// The server's program, wherever the path has it; Debian keeps it where only root's path leads.
pub(super) fn program(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("{name} is not installed: run `apt-get install slapd ldap-utils`"))
}

pub(super) fn text(folder: &Path, authority: &Path, identity: &Identity, options: &Options) -> String {
    let mut text = String::new();
    for schema in ["core", "cosine", "inetorgperson", "nis"] {
        line(&mut text, format_args!("include {SCHEMAS}/{schema}.schema"));
    }
    line(&mut text, format_args!("modulepath {MODULES}"));
    let overlays: &[&str] = if options.overlays { &["ppolicy", "memberof", "refint", "unique"] } else { &["ppolicy"] };
    for module in ["back_mdb"].iter().chain(overlays) {
        line(&mut text, format_args!("moduleload {module}"));
    }
    line(&mut text, format_args!("pidfile {}/slapd.pid", folder.display()));
    line(&mut text, format_args!("argsfile {}/slapd.args", folder.display()));
    line(&mut text, format_args!("threads 4"));
    match options.size_limit {
        Some(limit) => {
            let pages = "size.pr=unlimited size.prtotal=unlimited";
            line(&mut text, format_args!("sizelimit size.soft={limit} size.hard={limit} {pages}"));
        }
        None => line(&mut text, format_args!("sizelimit unlimited")),
    }
    line(&mut text, format_args!("TLSCACertificateFile {}", authority.display()));
    line(&mut text, format_args!("TLSCertificateFile {}", identity.certificate.display()));
    line(&mut text, format_args!("TLSCertificateKeyFile {}", identity.key.display()));
    if options.tls_required {
        line(&mut text, format_args!("security simple_bind=128"));
    }
    line(&mut text, format_args!("database monitor"));
    line(&mut text, format_args!("rootdn cn=monitor"));
    line(&mut text, format_args!("access to * by dn.exact=\"{ADMIN}\" read by * none"));
    line(&mut text, format_args!("database mdb"));
    line(&mut text, format_args!("suffix {SUFFIX}"));
    line(&mut text, format_args!("rootdn {ADMIN}"));
    line(&mut text, format_args!("rootpw {PASSWORD}"));
    line(&mut text, format_args!("directory {}/db", folder.display()));
    // Room for a million persons; what is not used takes no place.
    line(&mut text, format_args!("maxsize 17179869184"));
    if !options.durable {
        line(&mut text, format_args!("dbnosync"));
    }
    if options.large_groups {
        line(&mut text, format_args!("multival member 1000,500"));
    }
    line(&mut text, format_args!("index objectClass,uid,cn,mail,employeeNumber,member,entryCSN,entryUUID eq"));
    line(&mut text, format_args!("access to attrs=userPassword by anonymous auth by * none"));
    line(&mut text, format_args!("access to * by users read by * none"));
    line(&mut text, format_args!("overlay ppolicy"));
    line(&mut text, format_args!("ppolicy_use_lockout"));
    if options.overlays {
        line(&mut text, format_args!("overlay unique"));
        line(&mut text, format_args!("unique_uri ldap:///ou=people,{SUFFIX}?uid?sub"));
        line(&mut text, format_args!("overlay memberof"));
        line(&mut text, format_args!("memberof-group-oc groupOfNames"));
        line(&mut text, format_args!("memberof-member-ad member"));
        line(&mut text, format_args!("overlay refint"));
        line(&mut text, format_args!("refint_attributes member manager owner"));
        line(&mut text, format_args!("refint_nothing {ADMIN}"));
    }
    text
}

/// The entries that are there before any test writes.
pub(super) fn entries() -> String {
    format!(
        "dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n\
         dn: ou=people,{SUFFIX}\nobjectClass: organizationalUnit\nou: people\n\n\
         dn: ou=groups,{SUFFIX}\nobjectClass: organizationalUnit\nou: groups\n\n\
         dn: {READER}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\n\
         userPassword: {PASSWORD}\n"
    )
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes any text");
}
