//! Posts, to be found by the numbers that were asked about.
//!
//! An old number may be asked about: what comes back is then a post of its own that points at the number in use, or the
//! post of the number in use, which lists the old one. Both are answers about the person who was asked for.

use crate::number::Number;
use crate::person;
use crate::post::Post;
use sluss_sdk::Error;
use std::collections::HashMap;

/// Posts by their numbers.
#[derive(Default)]
pub struct Posts {
    own: HashMap<Number, Held>,
    earlier: HashMap<Number, Number>,
    nameless: usize,
}

enum Held {
    /// One, or the same one several times.
    Post(Box<Post>),
    /// Several that say different things.
    Differing,
    /// One that cannot be used.
    Flawed(Error),
}

impl Posts {
    /// Takes a post, or what should have been one.
    pub fn add(&mut self, post: Option<Post>) {
        let Some(post) = post else {
            self.nameless += 1;
            return;
        };
        for earlier in person::earlier(&post) {
            self.earlier.insert(earlier, post.number.clone());
        }
        let held = match self.own.get(&post.number) {
            Some(Held::Post(other)) if **other != post => Held::Differing,
            Some(Held::Differing | Held::Flawed(_)) => return,
            _ => Held::Post(Box::new(post.clone())),
        };
        self.own.insert(post.number, held);
    }

    /// Notes that there is something about this number that cannot be used.
    pub fn flaw(&mut self, number: Option<Number>, error: Error) {
        match number {
            Some(number) => drop(self.own.insert(number, Held::Flawed(error))),
            None => self.nameless += 1,
        }
    }

    /// How many there are, usable or not.
    pub fn len(&self) -> usize {
        self.own.len() + self.nameless
    }

    /// How many of them belong to nobody.
    pub fn nameless(&self) -> usize {
        self.nameless
    }

    /// How many of them cannot be used although it is known whose they are.
    pub fn unusable(&self) -> usize {
        self.own.values().filter(|held| !matches!(held, Held::Post(_))).count()
    }

    /// The post about a person; none where there is none.
    pub fn about(&self, asked: &Number) -> Option<Result<&Post, Error>> {
        let held = self.own.get(asked).or_else(|| self.own.get(self.earlier.get(asked)?))?;
        Some(match held {
            Held::Post(post) => Ok(post),
            Held::Differing => Err(Error::invalid(
                "The register tells two different things about this number: which one is true has to be asked there",
            )),
            Held::Flawed(error) => Err(error.clone()),
        })
    }
}
