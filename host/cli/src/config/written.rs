//! `sluss.toml` as it is written: texts and their places, believed in nothing.

use serde::Deserialize;
use sluss_plugin::secret::SecretSource;
use toml::Spanned;

/// What stands before the first table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Top {
    /// The time zone in which a day begins.
    pub(super) timezone: Spanned<String>,
    /// The state file.
    pub(super) state: String,
    /// The folder of compiled plugins.
    pub(super) cache: Option<String>,
    /// The files of the policy.
    pub(super) policy: Spanned<Vec<Spanned<String>>>,
    /// Whose clock tells the day.
    pub(super) clock: Option<Spanned<String>>,
}

/// The `[passwords]`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Passwords {
    /// Where the key is kept that first passwords are made with.
    pub(super) key: SecretSource,
}

/// The `[mail]`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Mail {
    /// The server's address.
    pub(super) url: Spanned<String>,
    /// Whether an `smtp://` connection is encrypted before anything is said; it is, unless this says otherwise.
    pub(super) start_tls: Option<Spanned<bool>>,
    /// Lets the password travel where everyone on the way can read it.
    #[serde(default)]
    pub(super) allow_clear_text: bool,
    /// A PEM file with the authorities to trust, instead of the system's.
    pub(super) ca: Option<String>,
    /// Whom to log in as.
    pub(super) user: Option<String>,
    /// With which password.
    pub(super) password: Option<SecretSource>,
    /// Whose name is on the mail.
    pub(super) from: Spanned<String>,
    /// Where answers go.
    pub(super) reply_to: Option<Spanned<String>>,
    /// What the host calls itself in its greeting.
    pub(super) hello: Option<Spanned<String>>,
    /// Seconds to wait for a connection, and for an answer.
    #[serde(default = "Mail::timeout")]
    pub(super) timeout: u64,
    /// The most mails that one run sends.
    #[serde(default = "Mail::limit")]
    pub(super) limit: Spanned<u64>,
}

impl Mail {
    fn timeout() -> u64 {
        60
    }

    fn limit() -> Spanned<u64> {
        Spanned::new(0..0, 200)
    }
}

/// A `[system.NAME]`, without its settings and limits.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct System {
    /// What it is for us.
    pub(super) role: Spanned<String>,
    /// The plugin that speaks with it.
    pub(super) plugin: Spanned<String>,
    /// The connections that the plugin may use.
    #[serde(default)]
    pub(super) grant: Vec<Spanned<String>>,
}
