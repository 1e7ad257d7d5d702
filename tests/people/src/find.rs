//! Whom a test is looking for.
//!
//! Tests say what kind of person they need and take the first, instead of knowing that number 17 happens to be one.

use jiff::civil::Date;

use crate::employment::Employment;
use crate::person::Person;
use crate::population::Population;

impl Population {
    /// The indexes of those of whom `wanted` is true, from the first.
    pub fn find<'a>(&'a self, wanted: impl Fn(&Person, &[Employment]) -> bool + 'a) -> impl Iterator<Item = u32> + 'a {
        (0..self.persons()).filter(move |index| wanted(&self.person(*index), &self.employments(*index)))
    }

    /// Those with one post until further notice, begun, not on leave, who lead nobody and are not protected.
    pub fn ordinary(&self) -> impl Iterator<Item = u32> + '_ {
        self.find(|person, employments| match employments {
            [only] => {
                only.covers(self.day) && only.until.is_none() && !only.on_leave && !only.leads && !person.protected
            }
            _ => false,
        })
    }

    /// Those with two employments that both cover the day of the population.
    pub fn with_two(&self) -> impl Iterator<Item = u32> + '_ {
        self.find(|_, employments| employments.iter().filter(|employment| employment.covers(self.day)).count() == 2)
    }

    /// Those whose two employments are in different municipalities, both on the day of the population.
    pub fn in_two_municipalities(&self) -> impl Iterator<Item = u32> + '_ {
        self.find(|_, employments| match employments {
            [one, other] if one.covers(self.day) && other.covers(self.day) => {
                self.municipality_of(one) != self.municipality_of(other)
            }
            _ => false,
        })
    }

    /// Those with no employment yet.
    pub fn starting_later(&self) -> impl Iterator<Item = u32> + '_ {
        self.find(|_, employments| employments.iter().all(|employment| employment.from > self.day))
    }

    /// Those whose every employment is over.
    pub fn ended(&self) -> impl Iterator<Item = u32> + '_ {
        self.find(|_, employments| employments.iter().all(|one| one.until.is_some_and(|last| last < self.day)))
    }

    /// Those on leave.
    pub fn on_leave(&self) -> impl Iterator<Item = u32> + '_ {
        self.find(|_, employments| employments.iter().any(|employment| employment.on_leave))
    }

    /// Those whose identity is protected.
    pub fn protected(&self) -> impl Iterator<Item = u32> + '_ {
        self.find(|person, _| person.protected)
    }

    /// The employments of person `index` that cover `day`.
    pub fn active(&self, index: u32, day: Date) -> Vec<Employment> {
        self.employments(index).into_iter().filter(|employment| employment.covers(day)).collect()
    }
}
