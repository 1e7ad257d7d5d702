//! The commands around a run, from outside: working folders, refusals, plugins that are pinned, pipes that close.

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A working folder as `init` makes it.
struct Folder {
    folder: TempDir,
}

/// What a command said, and how it ended.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Folder {
    fn new() -> Self {
        let folder = Folder { folder: TempDir::new().unwrap() };
        assert_eq!(folder.sluss(&["init"]).code, Some(0));
        // Plugins are compiled once for all tests.
        let cache = format!("\ncache = \"{}\"\nclock ", env!("CARGO_TARGET_TMPDIR"));
        folder.change("sluss.toml", "\nclock ", &cache);
        folder
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path().join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from:?}");
        std::fs::write(self.path().join(file), text.replacen(from, to, 1)).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluss"));
        command.args(arguments).current_dir(self.path()).env_remove("SLUSS_CONFIG").stdin(Stdio::null());
        command
    }

    fn sluss(&self, arguments: &[&str]) -> Ran {
        let ran = self.command(arguments).output().unwrap();
        Ran {
            code: ran.status.code(),
            out: String::from_utf8(ran.stdout).unwrap(),
            err: String::from_utf8(ran.stderr).unwrap(),
        }
    }
}

#[test]
fn a_new_folder_is_sound_and_a_second_one_is_not_made_over_it() {
    let folder = Folder::new();
    let checked = folder.sluss(&["check"]);
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
    assert!(checked.out.ends_with("everything is in order\n"), "{}", checked.out);

    let before = std::fs::read(folder.path().join("sluss.toml")).unwrap();
    let again = folder.sluss(&["init"]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("sluss.toml already"), "{}", again.err);
    assert_eq!(std::fs::read(folder.path().join("sluss.toml")).unwrap(), before);
}

#[test]
fn the_sample_is_what_its_readme_says() {
    let folder = Folder::new();
    let first: Value = serde_json::from_str(&folder.sluss(&["--json", "run", "--on", "2026-11-23"]).out).unwrap();
    assert_eq!((&first["ending"], &first["decided"]), (&"done".into(), &12.into()), "{first}");
    let second: Value = serde_json::from_str(&folder.sluss(&["--json", "run", "--on", "2026-11-23"]).out).unwrap();
    assert_eq!(second["applied"], Value::Object(Default::default()), "{second}");

    let explained = folder.sluss(&["explain", "marbjo", "--on", "2026-11-23"]);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
    for part in ["1427/10234", "1484/55012", "unit-1427-VO-12", "unit-1484-SOC-3", "2027-01-01"] {
        assert!(explained.out.contains(part), "`{part}` is not in:\n{}", explained.out);
    }
    let status: Value = serde_json::from_str(&folder.sluss(&["status", "--json"]).out).unwrap();
    assert_eq!(status["last"]["day"], "2026-11-23");
    assert_eq!(status["targets"][0]["accounts"], 10, "{status}");
    let runs = folder.sluss(&["runs", "--limit", "1"]).out;
    assert!(runs.lines().count() == 2 && runs.contains("2026-11-23"), "{runs}");
    assert_eq!(folder.sluss(&["cases"]).out, "nothing is parked\n");
}

#[test]
fn a_saved_plan_is_carried_out_once() {
    let folder = Folder::new();
    let planned = folder.sluss(&["plan", "--on", "2026-11-23", "--out", "plan.json"]);
    assert_eq!(planned.code, Some(0), "{}", planned.err);
    assert!(!folder.path().join("directory/directory.ldif").exists());
    assert_eq!(folder.sluss(&["apply", "plan.json"]).code, Some(0));
    assert!(folder.path().join("directory/directory.ldif").exists());
    let stale = folder.sluss(&["apply", "plan.json"]);
    assert_eq!(stale.code, Some(2));
    assert!(stale.err.contains("carried out already"), "{}", stale.err);
}

#[test]
fn refusals_say_what_to_do_also_to_programs() {
    let folder = Folder::new();
    folder.change("sluss.toml", "clock    = \"simulated\"", "clock    = \"real\"");
    let refused = folder.sluss(&["--json", "run", "--on", "2026-11-23"]);
    assert_eq!(refused.code, Some(2));
    let told: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((&told["format"], &told["code"]), (&"sluss-error/1".into(), &2.into()));
    assert!(told["help"].as_str().unwrap().contains("clock = \"simulated\""), "{told}");

    for (arguments, part) in [
        (&["status"][..], "no run yet"),
        (&["explain", "anna"], "no run yet"),
        (&["apply", "plan.json"], "no file plan.json"),
        (&["plan", "--policy", "other.toml"], "other.toml cannot be read"),
        (&["plugin", "inspect", "ldpa"], "did you mean `ldap`?"),
        (&["plugin", "update", "ldif"], "is not pinned"),
        (&["--config", "elsewhere.toml", "run"], "no configuration file elsewhere.toml"),
    ] {
        let ran = folder.sluss(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        assert!(ran.err.contains(part), "`{part}` is not in:\n{}", ran.err);
    }
}

#[test]
fn a_plugin_from_a_file_runs_once_it_is_pinned_and_as_long_as_it_stays_the_same() {
    let folder = Folder::new();
    let wasm = folder.path().join("mine.wasm");
    std::fs::copy(Path::new(env!("OUT_DIR")).join("ldif.wasm"), &wasm).unwrap();
    folder.change("sluss.toml", "plugin = \"ldif\"", "plugin = \"mine.wasm\"");
    let refused = folder.sluss(&["run", "--on", "2026-11-23"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("sluss plugin add"), "{}", refused.err);

    assert_eq!(folder.sluss(&["plugin", "add", "mine.wasm"]).code, Some(0));
    assert_eq!(folder.sluss(&["run", "--on", "2026-11-23"]).code, Some(0));

    // An empty section of its own changes the bytes, and nothing else.
    let mut bytes = std::fs::read(&wasm).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    std::fs::write(&wasm, bytes).unwrap();
    let changed = folder.sluss(&["run", "--on", "2026-11-24"]);
    assert_eq!(changed.code, Some(2));
    assert!(changed.err.contains("changed since it was accepted"), "{}", changed.err);
    let other = folder.sluss(&["plugin", "add", "mine.wasm"]);
    assert_eq!(other.code, Some(2));
    assert!(other.err.contains("sluss plugin update ldif"), "{}", other.err);
    assert_eq!(folder.sluss(&["plugin", "update", "ldif"]).code, Some(0));
    assert_eq!(folder.sluss(&["run", "--on", "2026-11-24"]).code, Some(0));
}

#[test]
fn a_plugin_is_shown_with_what_it_wants() {
    let folder = Folder::new();
    let shown = folder.sluss(&["plugin", "inspect", "heroma"]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    for part in ["exports   source", "read files, named by `folder`", "encoding", "class engagement"] {
        assert!(shown.out.contains(part), "`{part}` is not in:\n{}", shown.out);
    }
    let told: Value = serde_json::from_str(&folder.sluss(&["plugin", "inspect", "heroma", "--json"]).out).unwrap();
    assert_eq!((&told["id"], &told["interfaces"]["source"]), (&"heroma".into(), &true.into()));
}

#[test]
fn a_pipe_that_closes_is_no_error() {
    let folder = Folder::new();
    let mut child = folder
        .command(&["plan", "--on", "2026-11-23", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
