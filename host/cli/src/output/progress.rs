//! Progress on a terminal: which step is under way, and how far it is. Where nobody looks, nothing is drawn.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write};
use std::sync::LazyLock;
use std::time::Duration;

/// Everything drawn, so that a log line can be written between.
static DRAWN: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The steps of a command.
#[derive(Debug)]
pub struct Progress {
    drawn: bool,
    bar: RefCell<Option<ProgressBar>>,
}

impl Progress {
    /// Drawn on a terminal only, and not if nobody wants it.
    pub fn new(quiet: bool, json: bool) -> Self {
        Progress { drawn: !quiet && !json && io::stderr().is_terminal(), bar: RefCell::new(None) }
    }

    /// A step begins, of so many parts where that is known.
    pub fn stage(&self, text: &str, total: Option<u64>) {
        tracing::info!(total, "{text}");
        if !self.drawn {
            return;
        }
        self.finish();
        let template = if total.is_some() {
            "{spinner} {msg} {wide_bar:.green} {human_pos}/{human_len} {eta}"
        } else {
            "{spinner} {msg} {human_pos}"
        };
        let bar = DRAWN.add(total.map_or_else(ProgressBar::new_spinner, ProgressBar::new));
        // A template that is not accepted would leave the plain one.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.set_message(text.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        self.bar.replace(Some(bar));
    }

    /// So many more parts are done.
    pub fn advance(&self, parts: u64) {
        if let Some(bar) = &*self.bar.borrow() {
            bar.inc(parts);
        }
    }

    /// The last step is over: what was drawn goes.
    pub fn finish(&self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Standard error for log lines, which do not run into what is drawn.
#[derive(Debug, Default)]
pub struct Beside {
    line: Vec<u8>,
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.line.is_empty() {
            return Ok(());
        }
        let line = std::mem::take(&mut self.line);
        DRAWN.suspend(|| anstream::stderr().write_all(&line))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Nobody is left to be told that a log line could not be written.
        let _ = self.flush();
    }
}
