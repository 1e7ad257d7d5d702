//! The floors do the work they are named after, on a real file and a real directory.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use serde_json::Value;

#[test]
fn each_floor_counts_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.json");
    let output = Command::new(env!("CARGO_BIN_EXE_sluss-bench"))
        .args(["--only", "scan,directory", "--persons", "300", "--repeat", "1", "--json"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["parse and fingerprint", "fill a directory", "read a directory"]);
    for row in rows {
        assert!(row["wall_ms"].as_f64().unwrap() > 0.0 && row["peak_mib"].as_f64().unwrap() > 0.0, "{row}");
        assert!(row["did"].as_str().unwrap().split(' ').next().unwrap().parse::<u32>().unwrap() > 270, "{row}");
    }
}

#[test]
fn a_floor_that_cannot_do_its_work_fails() {
    let output = Command::new(env!("CARGO_BIN_EXE_sluss-bench")).args(["scan", "no-such-file"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-file"));
}
