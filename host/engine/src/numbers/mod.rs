//! Identity numbers: reading every form that occurs, and hiding them from eyes that need not see them.
//!
//! A number that cannot be read is flagged and kept as it is. A person is never lost because of how a number looks.

mod form;
mod given;
mod mask;

pub use form::{Number, NumberKind, NumberProblem, birth_date, parse};
pub use given::given_name;
pub use mask::{mask, mask_in};
