//! Tests of the files capability: what it does, and every way out of the folder that was thought of.
#![allow(clippy::unwrap_used)]

use super::*;
use std::fs;

fn folder() -> (tempfile::TempDir, Folder) {
    let outer = tempfile::tempdir().unwrap();
    fs::create_dir(outer.path().join("in")).unwrap();
    fs::write(outer.path().join("secret"), "secret").unwrap();
    let config = FilesConfig { path: outer.path().join("in"), access: Access::Write };
    let folder = Folder::open("payroll", &config).unwrap();
    (outer, folder)
}

#[test]
fn files_are_written_read_renamed_and_removed() {
    let (_outer, folder) = folder();
    folder.write("b.tmp", b"one").unwrap();
    folder.append("b.tmp", b" two").unwrap();
    folder.append("a", b"new").unwrap();
    assert_eq!(folder.read("b.tmp", 0, 100).unwrap(), b"one two");
    assert_eq!(folder.read("b.tmp", 4, 2).unwrap(), b"tw");
    assert_eq!(folder.read("b.tmp", 7, 2).unwrap(), b"");
    assert_eq!(folder.read("b.tmp", u64::MAX, u32::MAX).unwrap(), b"");
    folder.rename("b.tmp", "b").unwrap();
    let names: Vec<_> = folder.entries().unwrap().into_iter().map(|info| (info.name, info.size)).collect();
    assert_eq!(names, [("a".to_owned(), 3), ("b".to_owned(), 7)]);
    assert_eq!(folder.digest("b").unwrap(), blake3::hash(b"one two").to_hex().to_string());
    assert!(folder.stat("b").unwrap().unwrap().modified > 1_600_000_000_000);
    folder.remove("b").unwrap();
    assert_eq!(folder.stat("b").unwrap(), None);
    assert_eq!(folder.remove("b").unwrap_err().kind, FaultKind::NotFound);
    assert_eq!(folder.read("b", 0, 1).unwrap_err().kind, FaultKind::NotFound);
}

#[test]
fn one_read_gives_no_more_than_a_chunk() {
    let (_outer, folder) = folder();
    folder.write("big", &vec![7; CHUNK as usize + 1]).unwrap();
    assert_eq!(folder.read("big", 0, u32::MAX).unwrap().len(), CHUNK as usize);
    assert_eq!(folder.read("big", u64::from(CHUNK), u32::MAX).unwrap(), [7]);
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_stays_the_same() {
    let (outer, folder) = folder();
    folder.write("f", b"old old").unwrap();
    assert_eq!(folder.read("f", 0, 4).unwrap(), b"old ");
    fs::write(outer.path().join("in/g"), "new new").unwrap();
    fs::rename(outer.path().join("in/g"), outer.path().join("in/f")).unwrap();
    assert_eq!(folder.read("f", 4, 100).unwrap(), b"old");
    assert_eq!(folder.read("f", 0, 100).unwrap(), b"new new");
}

#[test]
fn names_that_lead_out_are_refused() {
    let (outer, folder) = folder();
    let absolute = outer.path().join("secret").to_str().unwrap().to_owned();
    for name in ["../secret", "a/../../secret", "..", ".", "/etc/passwd", "a/", absolute.as_str()] {
        for error in [
            folder.read(name, 0, 10).unwrap_err(),
            folder.stat(name).unwrap_err(),
            folder.digest(name).unwrap_err(),
            folder.write(name, b"x").unwrap_err(),
            folder.append(name, b"x").unwrap_err(),
            folder.rename("x", name).unwrap_err(),
            folder.rename(name, "x").unwrap_err(),
            folder.remove(name).unwrap_err(),
        ] {
            assert_eq!((error.kind, error.sent), (FaultKind::Permission, false), "{name}: {error}");
            assert!(error.message.contains("leads out of the folder of connection \"payroll\""), "{error}");
        }
    }
    for name in ["", "a\0b", "a\nb", &"x".repeat(2000)] {
        assert_eq!(folder.write(name, b"x").unwrap_err().kind, FaultKind::Invalid);
    }
    assert_eq!(fs::read(outer.path().join("secret")).unwrap(), b"secret");
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_refused_and_not_listed() {
    let (outer, folder) = folder();
    let inside = outer.path().join("in");
    std::os::unix::fs::symlink(outer.path().join("secret"), inside.join("absolute")).unwrap();
    std::os::unix::fs::symlink("../secret", inside.join("relative")).unwrap();
    std::os::unix::fs::symlink("..", inside.join("up")).unwrap();
    folder.write("real", b"fine").unwrap();
    std::os::unix::fs::symlink("real", inside.join("within")).unwrap();
    for name in ["absolute", "relative", "up/secret"] {
        for error in [
            folder.read(name, 0, 10).unwrap_err(),
            folder.stat(name).unwrap_err(),
            folder.digest(name).unwrap_err(),
            folder.write(name, b"x").unwrap_err(),
            folder.append(name, b"x").unwrap_err(),
        ] {
            assert_eq!(error.kind, FaultKind::Permission, "{name}: {error}");
        }
    }
    let names: Vec<_> = folder.entries().unwrap().into_iter().map(|info| info.name).collect();
    assert_eq!(names, ["real", "within"]);
    assert_eq!(folder.read("within", 0, 10).unwrap(), b"fine");
    assert_eq!(fs::read(outer.path().join("secret")).unwrap(), b"secret");
}

#[cfg(unix)]
#[test]
fn folders_pipes_and_devices_are_not_files() {
    let (outer, folder) = folder();
    fs::create_dir(outer.path().join("in/sub")).unwrap();
    let pipe = outer.path().join("in/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for name in ["sub", "pipe"] {
        assert_eq!(folder.read(name, 0, 10).unwrap_err().kind, FaultKind::Invalid, "{name}");
        assert_eq!(folder.append(name, b"x").unwrap_err().kind, FaultKind::Invalid, "{name}");
        assert_eq!(folder.stat(name).unwrap_err().kind, FaultKind::Invalid, "{name}");
    }
    assert_eq!(folder.entries().unwrap(), []);
    folder.write("sub/f", b"x").unwrap();
    folder.rename("sub/f", "f").unwrap();
    assert_eq!(folder.read("f", 0, 10).unwrap(), b"x");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let config = FilesConfig { path: "/nowhere/at/all".into(), access: Access::Read };
    let error = Folder::open("payroll", &config).unwrap_err();
    assert_eq!(error.kind, FaultKind::Config);
    assert!(error.message.contains("/nowhere/at/all") && error.message.contains("\"payroll\""), "{error}");
}
