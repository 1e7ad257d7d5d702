//! Which candidate becomes the name.
//!
//! Every candidate is tried as it is, in order; when all are taken, one of them gets the lowest free number from 2. The
//! number stands before the `@` where there is one, and a name that would be too long loses letters, never digits of
//! its number.

/// What a name may look like, and what follows when every candidate is taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shape {
    /// Whether a number follows when every candidate is taken.
    pub suffix: Suffix,
    /// Which candidate gets the number.
    pub suffix_on: SuffixOn,
    /// How many characters a name may have, before the `@` where there is one.
    pub max_length: Option<usize>,
    /// Names that nobody gets, compared without case and before the `@`.
    pub reserved: Vec<String>,
}

impl AsRef<Shape> for Shape {
    fn as_ref(&self) -> &Shape {
        self
    }
}

/// What follows when every candidate is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Suffix {
    /// The lowest free number from 2.
    #[default]
    Number,
    /// Nothing: there is no name.
    None,
}

/// Which candidate gets the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SuffixOn {
    /// The last one that can be a name at all.
    #[default]
    Last,
    /// The first one that can be a name at all.
    First,
}

/// The first name that `free` accepts. `free` is asked with the name as it would be written, and is to compare without
/// case. There is no name when no candidate can be one, or when all are taken and no number may follow.
pub fn choose(candidates: &[String], rule: &impl AsRef<Shape>, mut free: impl FnMut(&str) -> bool) -> Option<String> {
    Candidates::new(candidates, rule.as_ref()).find(|name| free(name))
}

/// The names to try, best first. Without an end where a number may follow.
#[derive(Debug)]
pub struct Candidates<'a> {
    shape: &'a Shape,
    bases: Vec<Base<'a>>,
    next: usize,
    number: u64,
}

/// A candidate in its two parts.
#[derive(Debug, Clone, Copy)]
struct Base<'a> {
    local: &'a str,
    /// From the `@` on; empty without one.
    domain: &'a str,
}

impl<'a> Candidates<'a> {
    /// The names that some candidates give under a shape. Candidates that cannot be a name are left out.
    pub fn new(candidates: &'a [String], shape: &'a Shape) -> Self {
        let bases = candidates.iter().filter_map(|candidate| Base::read(candidate)).collect();
        Candidates { shape, bases, next: 0, number: 2 }
    }

    /// The base with a number, within the length.
    fn write(&self, base: Base<'a>, number: &str) -> Option<String> {
        let room = self.shape.max_length.unwrap_or(usize::MAX).checked_sub(number.len())?;
        let end = base.local.char_indices().nth(room).map_or(base.local.len(), |(at, _)| at);
        let local = base.local[..end].trim_end_matches(SEPARATORS);
        let name = format!("{local}{number}");
        (!local.is_empty() && !self.is_reserved(&name)).then(|| name + base.domain)
    }

    fn is_reserved(&self, local: &str) -> bool {
        let local = local.to_lowercase();
        self.shape.reserved.iter().any(|word| word.to_lowercase() == local)
    }
}

impl Iterator for Candidates<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        while let Some(base) = self.bases.get(self.next).copied() {
            self.next += 1;
            if let Some(name) = self.write(base, "") {
                return Some(name);
            }
        }
        if self.shape.suffix == Suffix::None {
            return None;
        }
        let base = *match self.shape.suffix_on {
            SuffixOn::Last => self.bases.last()?,
            SuffixOn::First => self.bases.first()?,
        };
        loop {
            let number = self.number.to_string();
            if self.shape.max_length.is_some_and(|max| max <= number.len()) {
                return None;
            }
            self.number = self.number.checked_add(1)?;
            if let Some(name) = self.write(base, &number) {
                return Some(name);
            }
        }
    }
}

/// What a name does not end with before its number.
const SEPARATORS: [char; 3] = ['.', '-', '_'];

impl<'a> Base<'a> {
    /// A candidate that can be a name: something before the `@`, and, where there is one, a domain behind it.
    fn read(candidate: &'a str) -> Option<Base<'a>> {
        let candidate = candidate.trim();
        let at = candidate.find('@').unwrap_or(candidate.len());
        let (local, domain) = candidate.split_at(at);
        let sound = |text: &str| !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
        let named = local.chars().any(char::is_alphanumeric);
        let domain_named = domain.is_empty() || domain[1..].split('.').all(|label| !label.is_empty() && sound(label));
        (named && sound(local) && domain_named).then_some(Base { local, domain })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Candidates, Shape, Suffix, SuffixOn, choose};
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn texts(candidates: &[&str]) -> Vec<String> {
        candidates.iter().map(|text| (*text).to_owned()).collect()
    }

    fn chosen(candidates: &[&str], shape: &Shape, taken: &[&str]) -> Option<String> {
        choose(&texts(candidates), shape, |name| !taken.iter().any(|taken| taken.eq_ignore_ascii_case(name)))
    }

    #[test]
    fn plain_candidates_come_before_numbers() {
        let shape = Shape::default();
        assert_eq!(chosen(&["annber", "annaber"], &shape, &[]).as_deref(), Some("annber"));
        assert_eq!(chosen(&["annber", "annaber"], &shape, &["ANNBER"]).as_deref(), Some("annaber"));
        assert_eq!(chosen(&["annber", "annaber"], &shape, &["annber", "annaber"]).as_deref(), Some("annaber2"));
        let first = Shape { suffix_on: SuffixOn::First, ..Shape::default() };
        assert_eq!(chosen(&["annber", "annaber"], &first, &["annber", "annaber"]).as_deref(), Some("annber2"));
    }

    #[test]
    fn the_lowest_free_number_is_taken() {
        let taken = ["annber", "annber2", "annber4"];
        assert_eq!(chosen(&["annber"], &Shape::default(), &taken).as_deref(), Some("annber3"));
    }

    #[test]
    fn the_number_stands_before_the_at() {
        let candidates = ["anna.berg@lysekil.example"];
        let name = chosen(&candidates, &Shape::default(), &candidates);
        assert_eq!(name.as_deref(), Some("anna.berg2@lysekil.example"));
    }

    #[test]
    fn the_base_gives_way_to_the_number() {
        let shape = Shape { max_length: Some(6), ..Shape::default() };
        assert_eq!(chosen(&["annaberg"], &shape, &[]).as_deref(), Some("annabe"));
        let taken: Vec<String> =
            std::iter::once("annabe".to_owned()).chain((2..10).map(|n| format!("annab{n}"))).collect();
        let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
        assert_eq!(chosen(&["annaberg"], &shape, &taken).as_deref(), Some("anna10"));
        // Cutting never leaves a separator at the end.
        assert_eq!(chosen(&["annab.berg"], &shape, &["annab"]).as_deref(), Some("annab2"));
        assert_eq!(chosen(&["åäöåäöåäö@x.example"], &shape, &[]).as_deref(), Some("åäöåäö@x.example"));
    }

    #[test]
    fn reserved_words_are_nobodys() {
        let shape = Shape { reserved: texts(&["Admin", "root2"]), ..Shape::default() };
        assert_eq!(chosen(&["ADMIN", "root"], &shape, &["root"]).as_deref(), Some("root3"));
        assert_eq!(chosen(&["admin@x.example"], &shape, &[]).as_deref(), Some("admin2@x.example"));
    }

    #[test]
    fn what_cannot_be_a_name_is_left_out() {
        let candidates = ["", " ", "@x.example", "anna@", "an na", "anna@x@y", "anna@x..example", "...", "berg"];
        assert_eq!(chosen(&candidates, &Shape::default(), &[]).as_deref(), Some("berg"));
        assert_eq!(chosen(&candidates[..8], &Shape::default(), &[]), None);
    }

    #[test]
    fn without_a_suffix_there_may_be_no_name() {
        let shape = Shape { suffix: Suffix::None, ..Shape::default() };
        assert_eq!(chosen(&["annber"], &shape, &["annber"]), None);
    }

    #[test]
    fn numbers_end_where_no_letter_has_room() {
        let shape = Shape { max_length: Some(2), ..Shape::default() };
        assert_eq!(Candidates::new(&texts(&["ab"]), &shape).count(), 1 + 8);
    }

    proptest! {
        /// Whatever is taken or reserved, the name is neither, fits, and has the lowest number that does.
        #[test]
        fn a_chosen_name_is_free(
            candidates in prop::collection::vec("[a-c]{0,4}(@x\\.y)?", 0..4),
            taken in prop::collection::hash_set("[a-cA-C]{1,4}[2-5]?(@x\\.y)?", 0..80),
            reserved in prop::collection::vec("[a-cA-C]{1,3}2?", 0..4),
            max_length in prop::option::of(3usize..6),
            first in any::<bool>(),
            numbered in any::<bool>(),
        ) {
            let shape = Shape {
                suffix: if numbered { Suffix::Number } else { Suffix::None },
                suffix_on: if first { SuffixOn::First } else { SuffixOn::Last },
                max_length,
                reserved,
            };
            let taken: HashSet<String> = taken.iter().map(|name| name.to_lowercase()).collect();
            let name = choose(&candidates, &shape, |name| !taken.contains(&name.to_lowercase()));
            let usable = candidates.iter().any(|candidate| !candidate.is_empty() && !candidate.starts_with('@'));
            let Some(name) = name else {
                prop_assert!(!usable || !numbered);
                return Ok(());
            };
            prop_assert!(!taken.contains(&name.to_lowercase()));
            let local = name.split('@').next().unwrap();
            prop_assert!(!shape.reserved.iter().any(|word| word.eq_ignore_ascii_case(local)));
            prop_assert!(max_length.is_none_or(|max| local.len() <= max));
            let digits: String = local.chars().filter(char::is_ascii_digit).collect();
            if let Ok(number) = digits.parse::<u64>() {
                // Everything that comes earlier is taken or reserved: all plain candidates and every lower number.
                let earlier = Candidates::new(&candidates, &shape).take_while(|earlier| *earlier != name);
                let mut count = 0;
                for earlier in earlier {
                    prop_assert!(taken.contains(&earlier.to_lowercase()));
                    count += 1;
                }
                prop_assert!(count + shape.reserved.len() as u64 + 2 >= number);
            }
        }
    }
}
