//! The key that first passwords are made with: read when the first one is needed, and made where nobody has made one.

use crate::config::PasswordKey;
use crate::error::CliError;
use sluss_plugin::password;
use sluss_plugin::secret::{Secret, SecretSource};
use std::cell::OnceCell;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// Makes first passwords.
#[derive(Debug)]
pub struct Passwords {
    place: PasswordKey,
    key: OnceCell<Secret>,
}

impl Passwords {
    /// With a key that is kept there.
    pub fn new(place: PasswordKey) -> Self {
        Passwords { place, key: OnceCell::new() }
    }

    /// Random bytes for one more password.
    pub fn salt() -> Result<Vec<u8>, CliError> {
        password::salt().map_err(CliError::internal)
    }

    /// The password that comes of these bytes. A key of our own is made if there is none.
    pub fn make(&self, salt: &[u8]) -> Result<Secret, CliError> {
        if let PasswordKey::Own(file) = &self.place {
            provide(file)?;
        }
        self.tell(salt)
    }

    /// The password that came of these bytes. No key is made, since one made now would give another password.
    pub fn tell(&self, salt: &[u8]) -> Result<Secret, CliError> {
        if let Some(key) = self.key.get() {
            return Ok(password::first(key, salt));
        }
        let source = match &self.place {
            PasswordKey::Kept(source) => source.clone(),
            PasswordKey::Own(file) => SecretSource::File(file.clone()),
        };
        let key = source.resolve().map_err(|error| {
            CliError::not_run(format!("the key that first passwords are made with is missing: {error}"))
                .help("give it back to where it was, or name another place with `key` in [passwords]")
        })?;
        Ok(password::first(self.key.get_or_init(|| key), salt))
    }
}

/// Makes a key, for the user that runs Sluss alone to read, where there is no such file.
fn provide(file: &Path) -> Result<(), CliError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = match options.open(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => Err(error),
        Ok(mut made) => {
            let key = password::key().map_err(CliError::internal)?;
            made.write_all(key.expose().as_bytes()).and_then(|()| made.sync_all())
        }
    };
    written.map_err(|error| CliError::file(file, &error))
}
