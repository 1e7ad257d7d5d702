//! From what sources and registers say to persons with engagements. What cannot be used becomes a finding, and the rest
//! goes on.

mod belief;
mod engagement;
mod identity;
mod person;
mod stored;
mod unit;

pub use belief::{Belief, beliefs};
pub use engagement::{Reading, Whose, engagement, whose};
pub use identity::{Identity, identity, judge};
pub use person::{Said, person};
pub use stored::Stored;
pub use unit::unit;
