//! Reads what a component imports and exports without running or even compiling it.
//!
//! The imports are the most a plugin could ever ask for. What no plugin has any business with (sockets, the file
//! system, another HTTP) is refused here, by name, before anything of it is compiled.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use wasmparser::{Encoding, Parser, Payload};

/// The contract that this host speaks, as `major.minor`; any patch of it will do.
pub const CONTRACT: &str = "0.1";

const PACKAGE: &str = "sluss:connector";

/// More than any honest component has at its top level.
const MOST_NAMES: usize = 1_000;

/// A capability of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Log lines.
    Log,
    /// Granted folders.
    Files,
    /// Named HTTP connections.
    Http,
    /// Named LDAP connections.
    Ldap,
    /// First passwords.
    Passwords,
}

impl Capability {
    /// As the contract and the configuration write it.
    pub fn name(self) -> &'static str {
        match self {
            Capability::Log => "log",
            Capability::Files => "files",
            Capability::Http => "http",
            Capability::Ldap => "ldap",
            Capability::Passwords => "passwords",
        }
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Which roles a component plays, told by the interfaces that it exports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Interfaces {
    /// It is read.
    pub source: bool,
    /// It is read by the fingerprints of its records.
    pub fingerprints: bool,
    /// It can say what changed.
    pub changes: bool,
    /// It verifies persons.
    pub register: bool,
    /// It is written to.
    pub target: bool,
}

/// What the audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The roles.
    pub interfaces: Interfaces,
    /// The capabilities that it imports.
    pub capabilities: BTreeSet<Capability>,
    /// The version of the contract that it was built for: `0.1.0`.
    pub contract: String,
}

/// Why a file is not a plugin for this host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// No WebAssembly at all, or damaged.
    #[error("this is not a WebAssembly component: {0}")]
    Unreadable(String),
    /// A core module.
    #[error("this is a WebAssembly module, not a component; build it for wasm32-wasip2")]
    Module,
    /// It asks for what no plugin gets.
    #[error("it wants {}, which no plugin gets; it reaches the world through sluss:connector (log, files, http, ldap, passwords) only", wishes.join(", "))]
    Forbidden {
        /// The imports, as the component writes them.
        wishes: Vec<String>,
    },
    /// It was built for another contract.
    #[error("built for contract {built}, this host speaks {CONTRACT}")]
    Contract {
        /// The version in the component.
        built: String,
    },
    /// It is a component, but no connector.
    #[error("it does not export {PACKAGE}/connector@{CONTRACT}, so it is not a connector")]
    NoConnector,
    /// It is a connector without any role.
    #[error("it exports neither source, register nor target, so there is nothing it could do")]
    NoRole,
    /// Nobody needs so many.
    #[error("it has more than {MOST_NAMES} imports or exports")]
    TooMany,
}

/// Audits the bytes of a component. Only its outermost level is read; whoever compiles it validates the rest.
pub fn audit(bytes: &[u8]) -> Result<Audit, AuditError> {
    let unreadable = |error: wasmparser::BinaryReaderError| AuditError::Unreadable(error.message().to_owned());
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(unreadable)? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => return Err(AuditError::Module),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import.map_err(unreadable)?.name.name);
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export.map_err(unreadable)?.name.name);
                }
            }
            _ => {}
        }
        if imports.len() > MOST_NAMES || exports.len() > MOST_NAMES {
            return Err(AuditError::TooMany);
        }
    }
    judge(imports, exports)
}

/// Judges the names of a component's imports and exports.
pub(crate) fn judge<'a>(
    imports: impl IntoIterator<Item = &'a str>,
    exports: impl IntoIterator<Item = &'a str>,
) -> Result<Audit, AuditError> {
    let mut contract: Option<String> = None;
    let mut of_contract = |name: &'a str| -> Result<Option<&'a str>, AuditError> {
        let Some(rest) = name.strip_prefix(PACKAGE).and_then(|rest| rest.strip_prefix('/')) else {
            return Ok(None);
        };
        let (interface, version) = rest.split_once('@').unwrap_or((rest, "without a version"));
        if !speaks(version) {
            return Err(AuditError::Contract { built: version.to_owned() });
        }
        // Of several patches, the newest is what it was built for.
        if contract.as_deref().is_none_or(|known| patch(known) < patch(version)) {
            contract = Some(version.to_owned());
        }
        Ok(Some(interface))
    };

    let mut capabilities = BTreeSet::new();
    let mut wishes = Vec::new();
    for name in imports {
        match of_contract(name)? {
            Some("types") => {}
            Some("log") => _ = capabilities.insert(Capability::Log),
            Some("files") => _ = capabilities.insert(Capability::Files),
            Some("http") => _ = capabilities.insert(Capability::Http),
            Some("ldap") => _ = capabilities.insert(Capability::Ldap),
            Some("passwords") => _ = capabilities.insert(Capability::Passwords),
            None if harmless(name) => {}
            _ => wishes.push(name.chars().filter(|char| !char.is_control()).take(100).collect()),
        }
    }

    let mut interfaces = Interfaces::default();
    let mut connector = false;
    for name in exports {
        match of_contract(name)? {
            Some("connector") => connector = true,
            Some("source") => interfaces.source = true,
            Some("fingerprints") => interfaces.fingerprints = true,
            Some("changes") => interfaces.changes = true,
            Some("register") => interfaces.register = true,
            Some("target") => interfaces.target = true,
            _ => {}
        }
    }

    if !wishes.is_empty() {
        return Err(AuditError::Forbidden { wishes });
    }
    let Some(contract) = contract.filter(|_| connector) else { return Err(AuditError::NoConnector) };
    if !(interfaces.source || interfaces.register || interfaces.target) {
        return Err(AuditError::NoRole);
    }
    Ok(Audit { interfaces, capabilities, contract })
}

fn speaks(version: &str) -> bool {
    version
        .strip_prefix(CONTRACT)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(|patch| patch.parse::<u32>().is_ok())
}

fn patch(version: &str) -> u32 {
    version.rsplit('.').next().and_then(|patch| patch.parse().ok()).unwrap_or(0)
}

/// What a language's runtime may import: clocks, random numbers and standard streams, which lead nowhere.
fn harmless(name: &str) -> bool {
    let Some((interface, version)) = name.split_once('@') else { return false };
    if !version.starts_with("0.2.") {
        return false;
    }
    match interface.strip_prefix("wasi:").and_then(|rest| rest.split_once('/')) {
        Some(("io", "error" | "poll" | "streams")) => true,
        Some(("clocks", "monotonic-clock" | "wall-clock")) => true,
        Some(("random", "random" | "insecure" | "insecure-seed")) => true,
        Some(("cli", what)) => matches!(
            what,
            "environment"
                | "exit"
                | "stdin"
                | "stdout"
                | "stderr"
                | "terminal-input"
                | "terminal-output"
                | "terminal-stdin"
                | "terminal-stdout"
                | "terminal-stderr"
        ),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SOURCE: [&str; 2] = ["sluss:connector/connector@0.1.0", "sluss:connector/source@0.1.0"];

    #[test]
    fn roles_and_capabilities_are_read_from_the_names() {
        let imports = [
            "sluss:connector/types@0.1.0",
            "sluss:connector/files@0.1.2",
            "sluss:connector/log@0.1.0",
            "wasi:io/streams@0.2.6",
        ];
        let found = judge(imports, SOURCE.into_iter().chain(["init"])).unwrap();
        assert_eq!(found.interfaces, Interfaces { source: true, ..Interfaces::default() });
        assert_eq!(found.capabilities.into_iter().collect::<Vec<_>>(), [Capability::Log, Capability::Files]);
        assert_eq!(found.contract, "0.1.2");
    }

    #[test]
    fn ways_out_are_refused_by_name() {
        for wish in [
            "wasi:sockets/tcp@0.2.6",
            "wasi:filesystem/preopens@0.2.6",
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:cli/run@0.2.6",
            "wasi:io/streams@0.3.0",
            "wasi:io/streams",
            "sluss:connector/shell@0.1.0",
            "evil:host/exec",
            "print",
        ] {
            let error = judge(["sluss:connector/log@0.1.0", wish], SOURCE).unwrap_err();
            assert_eq!(error, AuditError::Forbidden { wishes: vec![wish.to_owned()] });
            assert!(error.to_string().starts_with(&format!("it wants {wish}, which no plugin gets")));
        }
    }

    #[test]
    fn another_contract_is_named() {
        let error = judge(["sluss:connector/log@0.2.0"], SOURCE).unwrap_err();
        assert_eq!(error.to_string(), "built for contract 0.2.0, this host speaks 0.1");
        for version in ["1.1.0", "0.1.0-beta", "0.1", "0.10.1"] {
            let name = format!("sluss:connector/connector@{version}");
            assert_eq!(judge([], [name.as_str()]).unwrap_err(), AuditError::Contract { built: version.to_owned() });
        }
    }

    #[test]
    fn what_is_no_connector_says_so() {
        assert_eq!(judge([], ["run"]).unwrap_err(), AuditError::NoConnector);
        assert_eq!(judge([], [SOURCE[1]]).unwrap_err(), AuditError::NoConnector);
        assert_eq!(judge([], [SOURCE[0]]).unwrap_err(), AuditError::NoRole);
        assert_eq!(judge([], [SOURCE[0], "sluss:connector/changes@0.1.0"]).unwrap_err(), AuditError::NoRole);
    }

    #[test]
    fn bytes_are_read_without_compiling() {
        assert!(matches!(audit(b"MZ not wasm").unwrap_err(), AuditError::Unreadable(_)));
        assert!(matches!(audit(b"").unwrap_err(), AuditError::Unreadable(_)));
        assert_eq!(audit(&wat::parse_str("(module)").unwrap()).unwrap_err(), AuditError::Module);
        let component = wat::parse_str(
            r#"(component
                (import "wasi:sockets/tcp@0.2.0" (instance))
                (component (import "wasi:http/types@0.2.0" (instance)))
                (core module))"#,
        );
        assert_eq!(
            audit(&component.unwrap()).unwrap_err(),
            AuditError::Forbidden { wishes: vec!["wasi:sockets/tcp@0.2.0".to_owned()] }
        );
        let mut cut = wat::parse_str(r#"(component (import "wasi:sockets/tcp@0.2.0" (instance)))"#).unwrap();
        cut.truncate(cut.len() - 4);
        assert!(matches!(audit(&cut).unwrap_err(), AuditError::Unreadable(_)));
    }
}
