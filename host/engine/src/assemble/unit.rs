//! A unit, as one record says.

use super::stored::Stored;
use crate::person::Unit;

/// Reads a unit record.
pub fn unit(stored: &Stored<'_>) -> Unit {
    Unit {
        organisation: stored.text("organisation"),
        code: stored.text("code"),
        name: stored.text("name"),
        parent: stored.text("parent"),
        cost_centre: stored.text("cost-centre"),
    }
}
