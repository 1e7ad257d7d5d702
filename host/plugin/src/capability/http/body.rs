//! The body of an answer, piece by piece: what is too long to be in a plugin's memory at once never is in the host's either.

use super::dial;
use super::redact::Redactor;
use sluss_engine::fault::Fault;

/// The longest piece that is given.
const LONGEST_PIECE: usize = 1 << 20;

/// A body under way.
pub struct Body {
    response: reqwest::Response,
    redactor: Redactor,
    host: String,
    /// What came and was not shown yet.
    waiting: Vec<u8>,
    /// What was shown and not taken yet.
    ready: Vec<u8>,
    is_over: bool,
}

impl Body {
    pub(super) fn new(response: reqwest::Response, redactor: Redactor, host: &str) -> Self {
        let (host, waiting, ready) = (host.to_owned(), Vec::new(), Vec::new());
        Body { response, redactor, host, waiting, ready, is_over: false }
    }

    /// At most so many bytes more; none at the end.
    pub async fn take(&mut self, most: usize) -> Result<Vec<u8>, Fault> {
        let most = most.clamp(1, LONGEST_PIECE);
        while self.ready.is_empty() && !self.is_over {
            // The answer had begun, so the request had arrived.
            let chunk = self.response.chunk().await;
            match chunk.map_err(|error| Fault { sent: true, ..dial::fault(&error, &self.host) })? {
                Some(chunk) => {
                    self.waiting.extend_from_slice(&chunk);
                    self.ready = self.redactor.drain(&mut self.waiting);
                }
                None => {
                    self.is_over = true;
                    self.ready = self.redactor.clean(std::mem::take(&mut self.waiting));
                }
            }
        }
        Ok(self.ready.drain(..most.min(self.ready.len())).collect())
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("host", &self.host).finish_non_exhaustive()
    }
}
