//! Two things at once: a connector works on another thread, and this one goes on with what needs the store.

use std::panic::resume_unwind;
use tracing::Instrument;

/// Does both, and returns when both are done.
pub async fn beside<T: Send + 'static, U>(
    call: impl Future<Output = T> + Send + 'static,
    meanwhile: impl FnOnce() -> U,
) -> (T, U) {
    let call = tokio::spawn(call.in_current_span());
    let own = meanwhile();
    match call.await {
        Ok(answer) => (answer, own),
        // Nobody else ends the call, so it ended by itself, and as badly as it would have done on this thread.
        Err(ended) => resume_unwind(ended.into_panic()),
    }
}
