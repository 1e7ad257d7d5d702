//! The plugins that ship inside the binary, so that a new installation needs one file and no downloads.

/// A plugin that ships inside the binary.
#[derive(PartialEq, Eq)]
pub struct Bundled {
    /// What it is called.
    pub id: &'static str,
    /// The component.
    pub bytes: &'static [u8],
    /// The SHA-256 of the component, in hexadecimal.
    pub sha256: &'static str,
}

impl std::fmt::Debug for Bundled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundled").field("id", &self.id).field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

macro_rules! bundled {
    ($id:literal) => {
        Bundled {
            id: $id,
            bytes: include_bytes!(concat!(env!("OUT_DIR"), "/", $id, ".wasm")),
            sha256: include_str!(concat!(env!("OUT_DIR"), "/", $id, ".sha256")),
        }
    };
}

static BUNDLED: [Bundled; 12] = [
    bundled!("active-directory"),
    bundled!("class-list"),
    bundled!("csv"),
    bundled!("extens"),
    bundled!("heroma"),
    bundled!("ldap"),
    bundled!("ldif"),
    bundled!("navet"),
    bundled!("office365"),
    bundled!("procapita"),
    bundled!("scim"),
    bundled!("ss12000"),
];

/// The bundled plugin with this id.
pub fn find(id: &str) -> Option<&'static Bundled> {
    BUNDLED.iter().find(|bundled| bundled.id == id)
}

/// The ids of the bundled plugins.
pub fn ids() -> impl Iterator<Item = &'static str> {
    BUNDLED.iter().map(|bundled| bundled.id)
}
