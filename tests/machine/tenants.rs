//! Many municipalities in one process: each has its own state, lock and report, and what becomes of one is its own.

use crate::world::{ALI, EVA, World, post};
use std::process::{Command, Stdio};

/// Runs the tenants of a folder.
fn run(folder: &std::path::Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sluss"))
        .args(arguments)
        .arg("run")
        .arg("--tenants")
        .arg(folder)
        .args(["--on", "2026-11-23"])
        .env_remove("SLUSS_CONFIG")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn one_that_fails_fails_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let worlds = ["lysekil", "munkedal", "sotenas", "tanum"].map(|name| World::in_folder(folder.path().join(name)));
    for world in &worlds {
        world.hr(&[post(EVA, "Eva", "Öberg").at("1427", "1"), post(ALI, "Ali", "Bergström").at("1427", "2")]);
    }
    std::fs::create_dir(folder.path().join("no tenant")).unwrap();
    // One has a fault in its policy, one has no file from HR.
    worlds[1].write("policy.toml", "[account.directory]\ntarget = \"nowhere\"\n");
    std::fs::remove_file(worlds[3].path("incoming/heroma-anst.csv")).unwrap();

    let (code, out, err) = run(folder.path(), &["--json"]);
    assert_eq!(code, 2, "{out}{err}");
    let all: serde_json::Value = serde_json::from_str(&out).unwrap();
    let codes: Vec<_> = all["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| (tenant["name"].as_str().unwrap(), tenant["code"].as_u64().unwrap()))
        .collect();
    assert_eq!(codes, [("lysekil", 0), ("munkedal", 2), ("sotenas", 0), ("tanum", 5)]);
    for tenant in all["tenants"].as_array().unwrap() {
        let (took, run) = (tenant["milliseconds"].as_f64().unwrap(), &tenant["report"]["seconds"]);
        assert!(took > run.as_f64().unwrap_or_default() * 1_000.0, "{tenant}");
    }
    for (world, there) in worlds.iter().zip([true, false, true, false]) {
        assert_eq!(world.ldif_text().contains("uid: evaobe"), there);
    }

    // The second time there is nothing to do for those that were well, and they are not told of at length.
    let before = worlds[0].ldif_text();
    let (code, out, err) = run(folder.path(), &[]);
    assert_eq!(code, 2, "{out}{err}");
    assert!(out.contains("lysekil: exit code 0\nmunkedal: exit code 2\n"), "{out}");
    assert!(out.contains("needs `class`") && out.contains("4 tenants, 2 without anything to look at"), "{out}");
    assert_eq!(worlds[0].ldif_text(), before);
}

#[test]
fn a_folder_without_tenants_says_so() {
    let folder = tempfile::TempDir::new().unwrap();
    let (code, out, err) = run(folder.path(), &[]);
    assert_eq!(code, 2, "{out}");
    assert!(err.contains("sluss.toml") && err.contains("folder of its own"), "{err}");
}
