//! Installs the judges: packages for Node.js and for Python, each set once for all tests.

use anyhow::{Context as _, Result, ensure};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the lists of packages and the scripts are.
const JUDGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/judges");

/// The path of a script of ours that drives a judge.
pub fn script(name: &str) -> PathBuf {
    Path::new(JUDGES).join(name)
}

/// The folder in which the packages for Node.js are installed. `tools` is where tests may keep things between runs:
/// `CARGO_TARGET_TMPDIR`.
pub fn node(tools: &Path) -> Result<PathBuf> {
    let folder = tools.join("judges-node");
    let locks = ["package.json", "package-lock.json"];
    once(&folder, &locks, || {
        // Exactly what package-lock.json names. No script of a package runs.
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(["ci", "--loglevel", "error", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        run(&mut npm, "judges of the stand-ins are programs for Node.js: install Node.js 18.20 or newer, with npm")
    })?;
    Ok(folder)
}

/// The Python in whose environment the packages for Python are installed.
pub fn python(tools: &Path) -> Result<PathBuf> {
    let folder = tools.join("judges-python");
    let python = folder.join(if cfg!(windows) { "venv/Scripts/python.exe" } else { "venv/bin/python" });
    once(&folder, &["requirements.txt"], || {
        let need = "judges of the stand-ins are programs for Python: install Python 3.10 or newer with venv (on \
                    Debian: apt-get install python3-venv)";
        let own = std::env::var_os("PYTHON").unwrap_or_else(|| if cfg!(windows) { "python" } else { "python3" }.into());
        run(Command::new(own).args(["-m", "venv", "venv"]).current_dir(&folder), need)?;
        // Exactly what requirements.txt names. No script of a package runs.
        let mut pip = Command::new(&python);
        pip.args([
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "install",
            "--no-deps",
            "--only-binary",
            ":all:",
        ]);
        run(pip.args(["--requirement", "requirements.txt"]).current_dir(&folder), need)
    })?;
    Ok(python)
}

fn run(command: &mut Command, need: &str) -> Result<()> {
    let output = command.output().with_context(|| need.to_owned())?;
    let said = [output.stdout, output.stderr].concat();
    ensure!(output.status.success(), "{need}; {command:?} failed: {}", String::from_utf8_lossy(&said));
    Ok(())
}

/// Installs into an empty folder, unless that was done with the same lists before. Others who want the same wait.
fn once(folder: &Path, lists: &[&str], install: impl FnOnce() -> Result<()>) -> Result<()> {
    let beside = folder.with_extension("lock");
    if let Some(parent) = beside.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let lock: File = OpenOptions::new().create(true).truncate(false).write(true).open(&beside)?;
    lock.lock()?;
    let wanted: Vec<u8> = lists.iter().map(|name| std::fs::read(script(name))).collect::<Result<Vec<_>, _>>()?.concat();
    let mark = folder.join("installed");
    if std::fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for name in lists {
        std::fs::copy(script(name), folder.join(name))?;
    }
    install()?;
    std::fs::write(&mark, wanted)?;
    Ok(())
}
