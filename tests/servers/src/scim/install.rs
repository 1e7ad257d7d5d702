//! Python with the packages that the SCIM service needs, installed once below a folder that tests share.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is installed. A change of it is another environment.
const PACKAGES: [&str; 11] = [
    "scim2-server==0.8.3",
    "scim2-models==0.12.3",
    "annotated-types==0.8.0",
    "dnspython==2.9.2",
    "email-validator==2.4.0",
    "idna==3.20",
    "lark==1.3.1",
    "pydantic==2.14.4",
    "pydantic-core==2.50.5",
    "typing-extensions==4.16.0",
    "typing-inspection==0.4.5",
];

/// The program that is the service. Tests that ask at once wait for the first.
pub fn server(tools: &Path) -> Result<PathBuf> {
    let home = tools.join("scim2-server");
    fs::create_dir_all(&home)?;
    let lock = File::create(home.join("lock"))?;
    lock.lock()?;
    let environment = home.join("environment");
    let programs = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let server = programs.join(if cfg!(windows) { "scim2-server.exe" } else { "scim2-server" });
    let (done, wanted) = (home.join("packages.txt"), PACKAGES.join("\n"));
    if fs::read_to_string(&done).is_ok_and(|packages| packages == wanted) && server.exists() {
        return Ok(server);
    }
    if environment.exists() {
        fs::remove_dir_all(&environment)?;
    }
    let system = if cfg!(windows) { "python" } else { "python3" };
    run(Command::new(system).args(["-m", "venv"]).arg(&environment))
        .context("an environment for Python could not be made; on Debian: apt-get install python3-venv")?;
    let python = programs.join(if cfg!(windows) { "python.exe" } else { "python" });
    // Exactly what is named. No script of a package runs.
    let install = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"];
    run(Command::new(&python).args(install).args(["--only-binary", ":all:"]).args(PACKAGES))
        .context("the SCIM service for tests could not be installed")?;
    fs::write(done, wanted)?;
    Ok(server)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{command:?} ended with {}:\n{}", output.status, String::from_utf8_lossy(&said));
    }
    Ok(())
}
