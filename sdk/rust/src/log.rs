//! Messages to the operator's log.
//!
//! The host adds who speaks and limits the rate. It also removes identity numbers, but a message should have none to
//! begin with.

pub use crate::bindings::capabilities::sluss::connector::log::Level;
use crate::bindings::capabilities::sluss::connector::log::write;

/// For whoever looks for a fault in the connector.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message.as_ref(), &[]);
}

/// For the operator, when all is well.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message.as_ref(), &[]);
}

/// For the operator, who should look at it some day.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message.as_ref(), &[]);
}

/// For the operator, who should look at it now.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message.as_ref(), &[]);
}

/// A message with named fields, which stay apart from the text in a structured log.
pub fn with(level: Level, message: &str, fields: &[(&str, &str)]) {
    let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    write(level, message, &fields);
}

/// Says where a panic happened before the sandbox ends the call. What it says is left out: it may quote a person's data.
pub(crate) fn watch_panics() {
    #[cfg(target_family = "wasm")]
    std::panic::set_hook(Box::new(|panicked| {
        let place = panicked.location().map(ToString::to_string).unwrap_or_default();
        error(format!("The connector gave up at {place}"));
    }));
}
