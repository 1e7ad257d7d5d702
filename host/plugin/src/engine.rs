//! The WebAssembly engine as every part of the sandbox sets it up.
//!
//! The child process that compiles and the process that runs must agree on every setting, or the one would not load
//! what the other made; so there is one place that makes engines.

use std::hash::{Hash, Hasher};
use std::time::Duration;
use wasmtime::{Config, Engine, Strategy};

/// How often a running plugin is interrupted, to let others run and to look at the clock.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// A new engine: Cranelift, instances made on demand, interruptible, without the component model's own concurrency,
/// which would make every call several times as dear.
pub(crate) fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.strategy(Strategy::Cranelift).epoch_interruption(true).concurrency_support(false);
    Engine::new(&config)
}

/// A text that differs between engines that cannot load each other's compiled code.
pub(crate) fn compatibility(engine: &Engine) -> String {
    struct Stable(blake3::Hasher);
    impl Hasher for Stable {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            let mut first = [0; 8];
            first.copy_from_slice(&self.0.finalize().as_bytes()[..8]);
            u64::from_le_bytes(first)
        }
    }
    let mut hasher = Stable(blake3::Hasher::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Moves the engine's clock for as long as the engine is in use anywhere.
pub(crate) fn tick(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new().name("sluss-tick".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(TICK);
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => break,
            }
        }
    })?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_same_settings_give_the_same_text_and_others_another() {
        let text = compatibility(&engine().unwrap());
        assert_eq!(text, compatibility(&engine().unwrap()));
        assert_eq!(text.len(), 16);
        let plain = Engine::new(Config::new().concurrency_support(false)).unwrap();
        assert_ne!(text, compatibility(&plain));
    }
}
