//! Builds the plugins that ship inside the binary, and puts them where `src/bundle.rs` includes them.
//!
//! One command then builds everything: whoever builds the host gets the plugins that belong to it. The child build has
//! a target folder of its own, since the outer build holds the lock of the usual one.

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

const TARGET: &str = "wasm32-wasip2";

const PLUGINS: [&str; 12] = [
    "active-directory",
    "class-list",
    "csv",
    "extens",
    "heroma",
    "ldap",
    "ldif",
    "navet",
    "office365",
    "procapita",
    "scim",
    "ss12000",
];

fn main() -> ExitCode {
    match bundle() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            announce(&format!("error={error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn bundle() -> anyhow::Result<()> {
    let root = variable("CARGO_MANIFEST_DIR")?.join("../..");
    for input in ["plugins", "sdk/rust", "wit", "Cargo.toml", "Cargo.lock"] {
        announce(&format!("rerun-if-changed={}", root.join(input).display()));
    }
    announce("rerun-if-changed=build.rs");
    announce("rerun-if-env-changed=CARGO_TARGET_DIR");
    has_target()?;
    let built = build(&root)?;
    let out = variable("OUT_DIR")?;
    for plugin in PLUGINS {
        let from = built.join(format!("sluss_plugin_{}.wasm", plugin.replace('-', "_")));
        let to = out.join(format!("{plugin}.wasm"));
        let bytes = fs::read(&from).with_context(|| format!("reading {}", from.display()))?;
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(&to, bytes).with_context(|| format!("writing {}", to.display()))?;
        fs::write(to.with_extension("sha256"), digest).context("writing the digest of a plugin")?;
    }
    Ok(())
}

/// Tells cargo something: this is the one way that a build script has.
#[allow(clippy::print_stdout)]
fn announce(text: &str) {
    println!("cargo::{text}");
}

fn variable(name: &str) -> anyhow::Result<PathBuf> {
    env::var_os(name).map(PathBuf::from).with_context(|| format!("cargo sets {name} for build scripts"))
}

/// Whether the compiler can build for the plugins' target.
fn has_target() -> anyhow::Result<()> {
    let asked = Command::new(variable("RUSTC")?)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .context("asking the compiler where its libraries are")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim());
    ensure!(
        asked.status.success() && folder.is_dir(),
        "the target {TARGET}, for which the plugins are built, is missing; add it with: rustup target add {TARGET}"
    );
    Ok(())
}

/// Builds the plugins and returns the folder where they are.
fn build(root: &Path) -> anyhow::Result<PathBuf> {
    let folder = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    let folder = folder.join("connectors");
    let mut cargo = Command::new(variable("CARGO")?);
    cargo.current_dir(root).args(["build", "--locked", "--quiet", "--profile", "connector", "--target", TARGET]);
    cargo.arg("--target-dir").arg(&folder);
    for plugin in PLUGINS {
        cargo.args(["-p", &format!("sluss-plugin-{plugin}")]);
    }
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_of_outer_build) {
            cargo.env_remove(name);
        }
    }
    let status = cargo.status().context("starting cargo for the plugins")?;
    ensure!(status.success(), "the plugins could not be built ({status}); the messages above say why");
    Ok(folder.join(TARGET).join("connector"))
}

/// Variables that describe the outer build, or that would have the plugins built for another purpose (checked by clippy,
/// instrumented for coverage) or another machine than theirs. Where cargo finds its own files and crates stays.
fn is_of_outer_build(name: &str) -> bool {
    const KEPT: [&str; 4] = ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_TERM_COLOR", "CARGO_HTTP_CAINFO"];
    const OTHERS: [&str; 9] = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CLIPPY_ARGS",
        "TARGET",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
    ];
    let registry = name.starts_with("CARGO_REGISTRIES_") || name.starts_with("CARGO_SOURCE_");
    (name.starts_with("CARGO_") && !registry && !KEPT.contains(&name))
        || name.starts_with("DEP_")
        || OTHERS.contains(&name)
}
