//! The domain that every server begins with: made once by Samba's own tool, kept beside what cargo builds, and copied.

use super::{BASE, DOMAIN, PASSWORD};
use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The address that the template is made with; each copy gets another.
const ADDRESS: &str = "127.83.0.1";

/// Turns the recycle bin on. A running server lets nobody do that over LDAP.
pub(super) const RECYCLE_BIN: &str = "dn:\nchangetype: modify\nadd: enableOptionalFeature\nenableOptionalFeature: \
    CN=Partitions,CN=Configuration,DC=ad,DC=test:766ddcd8-acd0-445e-f3b9-a7f9b6744f2a\n";

/// The attributes of Exchange's schema that anybody here writes, and that users may have them.
pub(super) const EXCHANGE: [&str; 2] = [include_str!("exchange-attributes.ldif"), include_str!("exchange-user.ldif")];

/// A program of Samba's, wherever the path has it; Debian keeps it where only root's path leads.
pub(super) fn program(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| {
            format!(
                "{name} is not installed: run `apt-get install samba samba-dsdb-modules samba-vfs-modules samba-ad-provision \
                 ldb-tools ldap-utils`"
            )
        })
}

/// The folder of the template, made if nobody has made it yet. Takes seconds, and waits for whoever is making it.
pub(super) fn folder() -> Result<PathBuf> {
    let version = Command::new(program("samba")?).arg("--version").output().context("samba could not be run")?;
    let version = String::from_utf8_lossy(&version.stdout).trim().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/samba");
    fs::create_dir_all(&all)?;
    let all = all.canonicalize()?;
    let lock = File::create(all.join("lock"))?;
    lock.lock()?;
    let folder = all.join(version);
    if folder.join("made").is_file() {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    provision(&folder)?;
    fs::write(folder.join("made"), "")?;
    Ok(folder)
}

fn provision(folder: &Path) -> Result<()> {
    let dc = folder.join("dc");
    // Without `-s`, the system's own configuration would be taken along.
    run(Command::new(program("samba-tool")?)
        .args(["domain", "provision", "-s", "/dev/null", "--server-role=dc", "--dns-backend=NONE"])
        .args(["--domain=ADTEST", "--host-name=dc1"])
        .arg(format!("--targetdir={}", dc.display()))
        .arg(format!("--realm={}", DOMAIN.to_uppercase()))
        .arg(format!("--host-ip={ADDRESS}"))
        .arg(format!("--adminpass={PASSWORD}"))
        .arg(format!("--option=interfaces={ADDRESS}/8"))
        .arg("--option=bind interfaces only=yes"))?;
    // The template is kept for longer than passwords last.
    let ages = format!(
        "dn: {BASE}\nchangetype: modify\nreplace: maxPwdAge\nmaxPwdAge: 0\n-\nreplace: minPwdAge\nminPwdAge: 0\n"
    );
    let file = folder.join("ages.ldif");
    fs::write(&file, ages)?;
    run(Command::new(program("ldbmodify")?).arg("-H").arg(dc.join("private/sam.ldb")).arg(&file))?;
    let configuration = dc.join("etc/smb.conf");
    let text = fs::read_to_string(&configuration)?;
    let services = text.lines().find(|line| line.trim_start().starts_with("server services"));
    let text = match services {
        Some(line) => text.replace(line, "\tserver services = ldap"),
        None => text.replace("[global]", "[global]\n\tserver services = ldap"),
    };
    let place = folder.display();
    let own = format!(
        "[global]\n\ttls certfile = {place}/tls/server.pem\n\ttls keyfile = {place}/tls/server.key\n\ttls cafile = \
         {place}/tls/ca.pem\n\tlog file = {place}/samba.log\n\tpid directory = {place}\n\tncalrpc dir = {place}/ncalrpc\n\t\
         ntp signd socket directory = {place}/ntp\n\twinbindd socket directory = {place}/wb\n\tldb:nosync = true"
    );
    fs::write(&configuration, text.replace("[global]", &own))?;
    Ok(())
}

/// Copies the template to a folder, for a server at this address.
pub(super) fn copy(template: &Path, folder: &Path, address: Ipv4Addr) -> Result<()> {
    // Access rules stand in extended attributes of files, which take a tool of the system to copy.
    run(Command::new("cp").arg("-a").arg(template.join("dc")).arg(folder))?;
    let configuration = folder.join("dc/etc/smb.conf");
    let text = fs::read_to_string(&configuration)?;
    let text = text.replace(&template.display().to_string(), &folder.display().to_string());
    fs::write(&configuration, text.replace(ADDRESS, &address.to_string()))?;
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} could not be run"))?;
    let said = [output.stdout, output.stderr].concat();
    ensure!(output.status.success(), "{name} failed ({}):\n{}", output.status, String::from_utf8_lossy(&said));
    Ok(())
}
