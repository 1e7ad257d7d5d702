//! Python with the packages that a server of the tests is made of, installed once below a folder that tests share.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The interpreter that has exactly these packages, `name==version` each; another list is another environment. Tests that
/// ask at once wait for the first.
pub fn with(tools: &Path, name: &str, packages: &[&str]) -> Result<PathBuf> {
    let home = tools.join(name);
    fs::create_dir_all(&home)?;
    let lock = File::create(home.join("lock"))?;
    lock.lock()?;
    let environment = home.join("environment");
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let (done, wanted) = (home.join("packages.txt"), packages.join("\n"));
    if fs::read_to_string(&done).is_ok_and(|packages| packages == wanted) && python.exists() {
        return Ok(python);
    }
    if environment.exists() {
        fs::remove_dir_all(&environment)?;
    }
    let system = if cfg!(windows) { "python" } else { "python3" };
    run(Command::new(system).args(["-m", "venv"]).arg(&environment))
        .context("an environment for Python could not be made; on Debian: apt-get install python3-venv")?;
    // No script of a package runs.
    let install = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"];
    run(Command::new(&python).args(install).args(["--only-binary", ":all:"]).args(packages))
        .with_context(|| format!("{name} could not be installed"))?;
    fs::write(done, wanted)?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{command:?} ended with {}:\n{}", output.status, String::from_utf8_lossy(&said));
    }
    Ok(())
}
