//! A working folder with a configuration, files from HR, and the program itself.

use serde_json::Value;
use sluss_test_servers::slapd::{ADMIN, Options, PASSWORD, SUFFIX, Slapd};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;

/// The policy of most tests: an account for everybody, and a group for each unit, role and municipality.
pub const POLICY: &str = include_str!("policy.toml");

/// The header of the file of employments.
const EMPLOYMENTS: &str = "PERSONNR;TILLTALSMARK;FORNAMN;MELLANNAMN;EFTERNAMN;ANONYM;BOLAG;ANSTNR;HUVUDANST;ANSTFORM;\
BEFATTNING;AID;ENHETKOD;ENHETNAMN;ANSVAR;SYSSGRAD;ANSTFROM;ANSTTOM;VILANDE;CHEF;CHEFPERSONNR;CHEFANSTNR";

/// The source of most tests, as the configuration has it.
pub const HEROMA: &str = "[system.heroma]\nrole = \"source\"\nplugin = \"heroma\"\ngrant = [\"hr\"]\n\n\
                          [system.heroma.settings]\nfolder = \"hr\"\n";

/// Skatteverket's public test numbers.
pub const EVA: &str = "198001022386";
pub const ALI: &str = "194107086995";
pub const BO: &str = "198003662395";
pub const DORIS: &str = "193801248471";
pub const ERIK: &str = "198602212394";

/// One line of the file of employments.
#[derive(Debug, Clone)]
pub struct Post {
    pub number: &'static str,
    pub given: &'static str,
    pub surname: &'static str,
    pub protected: &'static str,
    pub municipality: &'static str,
    pub employment: &'static str,
    pub main: bool,
    pub title: (&'static str, &'static str),
    pub unit: (&'static str, &'static str),
    pub from: &'static str,
    pub to: &'static str,
    pub leave: bool,
    pub manager: &'static str,
}

/// An ordinary post, open-ended, in Sotenäs.
pub fn post(number: &'static str, given: &'static str, surname: &'static str) -> Post {
    Post {
        number,
        given,
        surname,
        protected: "N",
        municipality: "1427",
        employment: "10001",
        main: true,
        title: ("Undersköterska", "207011"),
        unit: ("VO-12", "Hunnebohemmet"),
        from: "20240101",
        to: "",
        leave: false,
        manager: "",
    }
}

impl Post {
    pub fn at(mut self, municipality: &'static str, employment: &'static str) -> Self {
        self.municipality = municipality;
        self.employment = employment;
        self
    }

    pub fn unit(mut self, code: &'static str, name: &'static str) -> Self {
        self.unit = (code, name);
        self
    }

    pub fn title(mut self, title: &'static str, code: &'static str) -> Self {
        self.title = (title, code);
        self
    }

    pub fn from(mut self, day: &'static str) -> Self {
        self.from = day;
        self
    }

    pub fn to(mut self, day: &'static str) -> Self {
        self.to = day;
        self
    }

    pub fn manager(mut self, number: &'static str) -> Self {
        self.manager = number;
        self
    }

    pub fn second(mut self) -> Self {
        self.main = false;
        self
    }

    pub fn protected(mut self, mark: &'static str) -> Self {
        self.protected = mark;
        self
    }

    fn line(&self) -> String {
        let flag = |yes| if yes { "J" } else { "N" };
        [
            self.number,
            "10",
            self.given,
            "",
            self.surname,
            self.protected,
            self.municipality,
            self.employment,
            flag(self.main),
            "1",
            self.title.0,
            self.title.1,
            self.unit.0,
            self.unit.1,
            "4711",
            "100,00",
            self.from,
            self.to,
            flag(self.leave),
            "N",
            self.manager,
            "",
        ]
        .join(";")
    }
}

/// The file of employments, as Heroma writes it: Windows-1252 and CRLF.
pub fn employments(posts: &[Post]) -> Vec<u8> {
    let mut text = format!("{EMPLOYMENTS}\r\n");
    for post in posts {
        write!(text, "{}\r\n", post.line()).unwrap();
    }
    encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
}

/// The file of units, with none in it: units are then known by what employments call them.
const UNITS: &[u8] = b"ENHETKOD;ENHETNAMN;OVERENHET;ANSVAR;CHEFPERSONNR;CHEFANSTNR;BOLAG\r\n";

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Fails with everything that was said, unless the exit code is one of these.
    #[track_caller]
    pub fn expect(self, codes: &[i32]) -> Self {
        assert!(
            codes.contains(&self.code),
            "exit code {}\n--- stdout\n{}\n--- stderr\n{}",
            self.code,
            self.out,
            self.err
        );
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|fault| panic!("{fault}: {}\n{}", self.out, self.err))
    }

    /// Everything that was said.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// A working folder.
pub struct World {
    folder: PathBuf,
    /// Goes with the world.
    _temporary: Option<TempDir>,
}

impl World {
    /// One whose directory is an LDIF file.
    pub fn ldif() -> Self {
        World::new().with_ldif()
    }

    /// The same, in a folder that stays when the world goes.
    pub fn in_folder(folder: PathBuf) -> Self {
        World::at(folder, None).with_ldif()
    }

    fn with_ldif(self) -> Self {
        let world = self;
        std::fs::create_dir(world.path("directory")).unwrap();
        world.write(
            "target.toml",
            format!(
                "[connection.out]\nkind = \"files\"\npath = \"directory\"\naccess = \"write\"\n\n\
                 [system.directory]\nrole = \"target\"\nplugin = \"ldif\"\ngrant = [\"out\"]\n\n\
                 [system.directory.settings]\nfolder = \"out\"\nbase = \"{SUFFIX}\"\n"
            ),
        );
        world.configure("");
        world
    }

    /// One whose directory is a running slapd.
    pub fn ldap(server: &Slapd) -> Self {
        let world = World::new();
        world.directory(&server.tls_url(), &server.authority().display().to_string(), PASSWORD);
        world
    }

    /// One whose target and policy are these.
    pub fn with_target(target: &str, policy: &str) -> Self {
        let world = World::new();
        world.write("target.toml", target);
        world.write("policy.toml", policy);
        world.configure("");
        world
    }

    /// Configures an LDAP directory.
    pub fn directory(&self, url: &str, authority: &str, password: &str) {
        self.write("secret", password);
        self.write(
            "target.toml",
            format!(
                "[connection.ldap]\nkind = \"ldap\"\naccess = \"write\"\nurl = \"{url}\"\nbind-dn = \"{ADMIN}\"\n\
                 password = {{ file = \"secret\" }}\nbase = \"{SUFFIX}\"\nca = \"{authority}\"\n\n\
                 [system.directory]\nrole = \"target\"\nplugin = \"ldap\"\ngrant = [\"ldap\"]\n\n\
                 [system.directory.settings]\nconnection = \"ldap\"\n"
            ),
        );
        self.configure("");
    }

    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        World::at(folder.path().to_owned(), Some(folder))
    }

    fn at(folder: PathBuf, temporary: Option<TempDir>) -> Self {
        std::fs::create_dir_all(folder.join("incoming")).unwrap();
        let world = World { folder, _temporary: temporary };
        world.write("policy.toml", POLICY);
        world.write("incoming/heroma-enhet.csv", UNITS);
        world
    }

    /// Writes the configuration, with more at its end.
    pub fn configure(&self, more: &str) {
        let target = std::fs::read_to_string(self.path("target.toml")).unwrap();
        self.write(
            "sluss.toml",
            format!(
                "timezone = \"Europe/Stockholm\"\nstate = \"state/sluss.db\"\npolicy = [\"policy.toml\"]\n\
                 clock = \"simulated\"\ncache = \"{}\"\n\n\
                 [connection.hr]\nkind = \"files\"\npath = \"incoming\"\naccess = \"read\"\n\n\
                 {HEROMA}\n{target}\n{more}",
                cache().display()
            ),
        );
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub fn hr(&self, posts: &[Post]) {
        self.write("incoming/heroma-anst.csv", employments(posts));
    }

    /// A command on this folder, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluss"));
        command
            .arg("--config")
            .arg(self.path("sluss.toml"))
            .args(arguments)
            .current_dir(&self.folder)
            .env_remove("SLUSS_CONFIG")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    pub fn sluss(&self, arguments: &[&str]) -> Ran {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        Ran {
            code: status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&stdout).into_owned(),
            err: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// A run on a day.
    pub fn run(&self, day: &str) -> Ran {
        self.sluss(&["--json", "run", "--on", day])
    }

    /// The LDIF directory as text.
    pub fn ldif_text(&self) -> String {
        std::fs::read_to_string(self.path("directory/directory.ldif")).unwrap_or_default()
    }
}

/// Compiled plugins are shared by all tests: each is compiled once.
fn cache() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// A connector of the tests' own, built as any vendor would build one.
pub fn connector(package: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(file) = built.get(package) {
        return file.clone();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = cache().parent().unwrap().join("connectors");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--package", package])
        .args(["--target", "wasm32-wasip2", "--profile", "connector", "--target-dir"])
        .arg(&target)
        .current_dir(root)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .unwrap();
    assert!(status.success(), "{package} does not build");
    let file = target.join(format!("wasm32-wasip2/connector/{}.wasm", package.replace('-', "_")));
    built.insert(package.to_owned(), file.clone());
    file
}

/// A server that the program can reach, running in the background of a test.
pub async fn slapd() -> Slapd {
    Slapd::start(Options { overlays: true, ..Options::default() }).await.unwrap()
}

/// Runs a blocking piece of a test without holding up the server's client.
pub fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}

/// The groups that a user is in, by their names.
pub fn groups(tree: &sluss_test_servers::slapd::Tree, uid: &str) -> Vec<String> {
    let member = format!("uid={uid},ou=people,{SUFFIX}");
    let mut groups: Vec<String> = tree
        .iter()
        .filter(|(_, entry)| entry.get("member").is_some_and(|members| members.contains(&member)))
        .filter_map(|(_, entry)| entry.get("cn")?.first().cloned())
        .collect();
    groups.sort();
    groups
}

/// Whether an account is locked.
pub fn locked(tree: &sluss_test_servers::slapd::Tree, uid: &str) -> bool {
    tree[&format!("uid={uid},ou=people,{SUFFIX}")].contains_key("pwdaccountlockedtime")
}

/// Whether there is an account.
pub fn exists(tree: &sluss_test_servers::slapd::Tree, uid: &str) -> bool {
    tree.contains_key(&format!("uid={uid},ou=people,{SUFFIX}"))
}

/// The groups that an account is in, by the LDIF directory.
pub fn groups_in(world: &World, uid: &str) -> Vec<String> {
    let text = world.ldif_text().replace("\n ", "");
    let member = format!("member: uid={uid},");
    let groups = text.split("\n\n").filter(|entry| entry.contains(&member));
    let mut names: Vec<String> = groups
        .filter_map(|entry| entry.lines().find_map(|line| line.strip_prefix("cn: ")).map(str::to_owned))
        .collect();
    names.sort();
    names
}
