//! Whose word counts: of several that say who somebody is, the one that is believed, attribute by attribute.
//!
//! Nothing is remembered of what lost: when whoever was believed says nothing any more, the next in line is believed.

use crate::assemble::Identity;
use crate::fault::Place;

/// What a register's word is worth against that of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It replaces theirs.
    Overwrite,
    /// Theirs stands, and each difference is told.
    Flag,
    /// Theirs stands, and it says what they do not.
    Fill,
}

/// Whose word counts for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Systems that are believed before all others, first to last.
    pub systems: Vec<String>,
    /// What a register that is not among them is worth.
    pub register: Weight,
}

/// Whose word counts for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Where nothing else is said.
    pub default: Order,
    /// Attributes with an order of their own: `name`, or whatever else is said of a person.
    pub attributes: Vec<(String, Order)>,
    /// Every system that is named, and where.
    pub named: Vec<(String, Place)>,
}

impl Default for Authority {
    fn default() -> Self {
        let default = Order { systems: Vec::new(), register: Weight::Overwrite };
        Authority { default, attributes: Vec::new(), named: Vec::new() }
    }
}

impl Authority {
    /// Whether differences from a register are told of anything.
    pub fn flags(&self) -> bool {
        let orders = self.attributes.iter().map(|(_, order)| order).chain([&self.default]);
        orders.into_iter().any(|order| order.register == Weight::Flag)
    }

    /// The order of an attribute.
    pub fn of(&self, attribute: &str) -> &Order {
        let own = self.attributes.iter().find(|(name, _)| name == attribute);
        own.map_or(&self.default, |(_, order)| order)
    }
}

impl Order {
    /// Those who say something, whoever is believed first. Among equals, those who stand first.
    pub fn rank<'i>(&self, all: &[&'i Identity], says: impl Fn(&Identity) -> bool) -> Vec<&'i Identity> {
        let mut ranked: Vec<&Identity> = all.iter().copied().filter(|identity| says(identity)).collect();
        ranked.sort_by_key(|identity| self.place(identity));
        ranked
    }

    /// Whoever is believed.
    pub fn first<'i>(&self, all: &[&'i Identity], says: impl Fn(&Identity) -> bool) -> Option<&'i Identity> {
        all.iter().copied().filter(|identity| says(identity)).min_by_key(|identity| self.place(identity))
    }

    fn place(&self, identity: &Identity) -> usize {
        let named = self.systems.iter().position(|system| *system == identity.id.source);
        let last = self.systems.len();
        named.unwrap_or(match (identity.registered, self.register) {
            (true, Weight::Overwrite) => last,
            (false, _) => last + 1,
            (true, Weight::Flag | Weight::Fill) => last + 2,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Authority, Order, Weight};
    use crate::assemble::Identity;
    use crate::person::{EngagementId, PersonName};

    fn said(source: &str, registered: bool, surname: &str) -> Identity {
        Identity {
            id: EngagementId { source: source.into(), record: "1".into() },
            registered,
            gone: false,
            number: None,
            name: PersonName { surname: surname.into(), ..PersonName::default() },
            protection: None,
            died: None,
            extra: Vec::new(),
        }
    }

    fn believed(order: &Order, all: &[Identity]) -> String {
        let all: Vec<&Identity> = all.iter().collect();
        order.first(&all, Identity::is_named).map(|identity| identity.id.source.clone()).unwrap_or_default()
    }

    #[test]
    fn a_register_is_believed_first_unless_the_policy_says_otherwise() {
        let all = [said("hr", false, "Berg"), said("school", false, "Bergh"), said("navet", true, "Berg-Öst")];
        let order = |register, systems: &[&str]| Order {
            systems: systems.iter().map(|system| (*system).to_owned()).collect(),
            register,
        };
        assert_eq!(believed(&Authority::default().default, &all), "navet");
        assert_eq!(believed(&order(Weight::Fill, &[]), &all), "hr");
        assert_eq!(believed(&order(Weight::Overwrite, &["school"]), &all), "school");
        assert_eq!(believed(&order(Weight::Fill, &["navet"]), &all), "navet");
    }

    #[test]
    fn the_next_in_line_takes_over_when_the_first_says_nothing() {
        let order = Order { systems: vec!["school".into(), "navet".into()], register: Weight::Overwrite };
        let all = [said("hr", false, "Berg"), said("school", false, ""), said("navet", true, "Berg-Öst")];
        assert_eq!(believed(&order, &all), "navet");
        assert_eq!(believed(&order, &all[..2]), "hr");
        assert_eq!(believed(&order, &all[1..2]), "");
    }
}
