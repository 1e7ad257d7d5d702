//! Keeps the memory and tables of one connector within its limits.
//!
//! The runtime can cap each memory by itself, and a component may have many; here they are counted together. A wish
//! for more ends the call with a reason that an operator understands, where a plugin would otherwise just give up.

use crate::limits::{Limits, Size};
use wasmtime::ResourceLimiter;

/// Why the sandbox itself ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Overrun {
    #[error("wanted more than {0} of memory")]
    Memory(Size),
    #[error("wanted more than {0} table elements")]
    Table(usize),
    #[error("ran longer than {0}")]
    Time(crate::limits::Span),
}

/// What one store has taken so far. Nothing is ever given back: a store's memories live as long as the store, and a
/// growth that the machine itself refused may stay counted.
pub(crate) struct Limiter {
    memory: Size,
    elements: usize,
    instances: usize,
    used_bytes: u64,
    used_elements: usize,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Limiter {
            memory: limits.memory,
            elements: limits.table_elements,
            instances: limits.instances,
            used_bytes: 0,
            used_elements: 0,
        }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current) as u64;
        let total = self.used_bytes.saturating_add(more);
        if total > self.memory.0 {
            return Err(Overrun::Memory(self.memory).into());
        }
        self.used_bytes = total;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current);
        let total = self.used_elements.saturating_add(more);
        if total > self.elements {
            return Err(Overrun::Table(self.elements).into());
        }
        self.used_elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.instances
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn several_memories_are_counted_together() {
        let mut limiter = Limiter::new(&Limits { memory: Size::mebibytes(1), ..Limits::default() });
        assert!(limiter.memory_growing(0, 600 << 10, None).unwrap());
        let error = limiter.memory_growing(0, 600 << 10, None).unwrap_err();
        assert_eq!(error.downcast_ref::<Overrun>(), Some(&Overrun::Memory(Size::mebibytes(1))));
        assert_eq!(error.to_string(), "wanted more than 1 MiB of memory");
        assert!(limiter.memory_growing(600 << 10, 1 << 20, None).unwrap());
    }

    #[test]
    fn a_guests_own_maximum_is_its_own_affair() {
        let mut limiter = Limiter::new(&Limits::default());
        assert!(!limiter.memory_growing(0, 2 << 16, Some(1 << 16)).unwrap());
        assert!(!limiter.table_growing(0, 11, Some(10)).unwrap());
        assert!(limiter.table_growing(0, 65_536, None).unwrap());
        assert_eq!(limiter.table_growing(0, 1, None).unwrap_err().to_string(), "wanted more than 65536 table elements");
    }
}
