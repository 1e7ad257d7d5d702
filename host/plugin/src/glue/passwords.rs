//! Glue for `passwords`.

use crate::bindings::host::passwords::Host;
use crate::bindings::host::types::Error;
use crate::convert;
use crate::state::State;

impl Host for State {
    async fn stand_in(&mut self, change: u64) -> wasmtime::Result<Result<String, Error>> {
        Ok(self.passwords.stand_in(change).map_err(convert::error))
    }
}
