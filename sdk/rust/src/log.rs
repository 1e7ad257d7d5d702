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

/// Says on the error stream where a panic happened, before the sandbox ends the call; the host adds it to the fault. What
/// the panic says is repeated only where the program's text says it: a message that was put together may quote a
/// person's data.
pub(crate) fn watch_panics() {
    #[cfg(target_family = "wasm")]
    std::panic::set_hook(Box::new(|panicked| {
        use std::io::Write;
        let place = panicked.location().map(ToString::to_string).unwrap_or_default();
        let message = panicked.payload().downcast_ref::<&'static str>().copied().unwrap_or_default();
        // Nobody is left to hear that this could not be said.
        let _ = writeln!(std::io::stderr(), "panicked at {place}: {message}");
    }));
}
