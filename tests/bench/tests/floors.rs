//! The floors do the work they are named after, on a real file and a real directory.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use sluss_test_servers::slapd::SUFFIX;
use sluss_test_servers::{Options, Slapd};

fn bench<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluss-bench")).args(arguments).output().unwrap()
}

/// The count that a process prints.
fn count<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> u64 {
    let output = bench(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_scan_counts_the_rows_and_the_report_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.json");
    let output = bench(&["--only", "scan", "--persons", "300", "--repeat", "1", "--json", text(&file)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let [row] = report["rows"].as_array().unwrap().as_slice() else { panic!("one row: {report}") };
    assert_eq!(row["name"], "floor: parse and fingerprint");
    assert!(row["wall_ms"].as_f64().unwrap() > 0.0 && row["peak_mib"].as_f64().unwrap() > 0.0, "{row}");
    assert!(row["did"].as_str().unwrap().split(' ').next().unwrap().parse::<u32>().unwrap() >= 300, "{row}");
}

#[test]
fn a_process_is_told_from_the_large_one_that_started_it() {
    let folder = tempfile::tempdir().unwrap();
    let account = folder.path().join("account.json");
    let large = vec![1_u8; 128 * 1024 * 1024];
    let output = bench(&["alone", text(&account), env!("CARGO_BIN_EXE_sluss-bench"), "members", "--help"]);
    assert_eq!(large.last(), Some(&1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("Counts the members"));
    let account: Value = serde_json::from_slice(&std::fs::read(account).unwrap()).unwrap();
    let peak = account["cost"]["peak"].as_u64().unwrap();
    assert!((1..64 * 1024 * 1024).contains(&peak), "{account}");
}

#[test]
fn a_picture_is_drawn_of_what_earlier_calls_measured() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| text(&folder.path().join(name)).to_owned();
    let row = |persons: u32| {
        let rows = format!(r#"{{"name":"no change","persons":{persons},"wall_ms":10.0,"peak_mib":30.0,"did":""}}"#);
        let other = r#"{"name":"no change","persons":1000,"wall_ms":null,"peak_mib":null,"did":""}"#;
        format!(r#"{{"rows":[{rows},{other}]}}"#)
    };
    std::fs::write(file("one.json"), row(10_000)).unwrap();
    std::fs::write(file("two.json"), row(1_000_000)).unwrap();
    let from = format!("{},{}", file("one.json"), file("two.json"));
    let output = bench(&["--from", &from, "--picture", &file("picture.svg")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let picture = std::fs::read_to_string(file("picture.svg")).unwrap();
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
    assert_eq!(picture.matches("<circle").count(), 4, "two points, of time and of memory: {picture}");
}

#[test]
fn a_page_is_put_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(count(&["disk", text(folder.path())]), 100);
}

#[test]
fn transactions_fill_a_directory_as_single_writes_do() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let slapd = runtime.block_on(Slapd::start(Options::default())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| text(&folder.path().join(name)).to_owned();
    let mut ldif = "version: 1\n".to_owned();
    for person in 0..50 {
        ldif += &format!("\ndn: uid=u{person},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: u{person}\n");
        ldif += &format!("cn: u\nsn: u{person}\n");
    }
    std::fs::write(file("ldif"), ldif).unwrap();
    assert_eq!(count(&["load", &file("ldif"), &file("entries")]), 50);
    assert_eq!(count(&["difference", &file("entries"), &file("writes")]), 50);
    let url = slapd.tls_url();
    let server = ["--url", &url, "--authority", text(slapd.authority())];
    let before = runtime.block_on(slapd.operations()).unwrap();
    assert_eq!(count(&[&["write"][..], &server, &["--together", "20", &file("writes")]].concat()), 50);
    let asked = runtime.block_on(slapd.operations()).unwrap() - before;
    assert_eq!(asked, 50 + 1 + 3 * 2, "the login, and two requests for each of three transactions");
    assert_eq!(count(&[&["dump"][..], &server, &[&file("seen")]].concat()), 50);
    assert_eq!(std::fs::read(file("seen")).unwrap(), std::fs::read(file("entries")).unwrap());
}

#[test]
fn a_directory_is_filled_changed_and_read_as_the_files_say() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let slapd = runtime.block_on(Slapd::start(Options::default())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| text(&folder.path().join(name)).to_owned();
    let entry = |mail: &str, members: u32| {
        let members: String =
            (0..members).map(|member| format!("member: uid=m{member:04},ou=people,{SUFFIX}\n")).collect();
        format!(
            "version: 1\n\ndn: uid=a,ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: a\ncn: a\nsn: a\nmail: {mail}\n\n\
             dn: cn=g,ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: g\n{members}"
        )
    };
    std::fs::write(file("one.ldif"), entry("a@example.test", 2_500)).unwrap();
    std::fs::write(file("two.ldif"), entry("b@example.test", 2_400)).unwrap();
    for name in ["one", "two"] {
        assert_eq!(count(&["load", &file(&format!("{name}.ldif")), &file(name)]), 2);
    }
    assert_eq!(count(&["difference", &file("one"), &file("first")]), 4);
    assert_eq!(count(&["difference", "--before", &file("one"), &file("two"), &file("second")]), 2);

    let url = slapd.tls_url();
    let server = ["--url", &url, "--authority", text(slapd.authority())];
    for (writes, wanted) in [("first", "one"), ("second", "two")] {
        let before = runtime.block_on(slapd.writes()).unwrap();
        let sent = count(&[&["write"][..], &server, &[&file(writes)]].concat());
        assert_eq!(runtime.block_on(slapd.writes()).unwrap() - before, sent);
        assert_eq!(count(&[&["dump"][..], &server, &[&file("seen")]].concat()), 2);
        assert_eq!(std::fs::read(file("seen")).unwrap(), std::fs::read(file(wanted)).unwrap());
    }
    assert_eq!(count(&["members", &file("seen"), "g"]), 2_400);
    assert_eq!(count(&[&["read"][..], &server].concat()), 2 + 4, "with the entries that are always there");
}

#[test]
fn entries_that_are_not_what_the_people_ask_for_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let entries = folder.path().join("entries");
    std::fs::write(&entries, "").unwrap();
    let output = bench(&["check", "--seed=1", "--persons=10", text(&entries)]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("the directory has Count { accounts: 0"));
}

#[test]
fn a_floor_that_cannot_do_its_work_fails() {
    let output = bench(&["scan", "no-such-file"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-file"));
}
