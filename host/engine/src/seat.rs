//! Who gets which licence, where a target has only so many: decided for everybody at once, before anything is written.
//!
//! Accounts that have a licence of the same ladder already come first, then whoever begins first. Seats that are given up
//! in the same plan count, in an order in which they can really be had: one is freed before it is given again.

use crate::person::PersonId;
use jiff::civil::Date;
use std::cmp::Reverse;
use std::collections::HashMap;

/// A licence that an account shall have and does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whose account it is.
    pub person: PersonId,
    /// Which licence.
    pub sku: String,
    /// The first day of what gives it; none is from always.
    pub first: Option<Date>,
    /// Whether the account has, or had until somebody took it away, a licence of the same ladder.
    pub had: bool,
    /// Licences of the ladder that are over: they go, whatever becomes of the wish.
    pub over: Vec<String>,
    /// A lower one that may stay until the wish comes true, and goes then.
    pub stays: Option<String>,
}

/// What becomes of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It comes true in this step, together with what is over and what it takes the place of. Steps are carried out one
    /// after the other.
    Granted(usize),
    /// What is over goes before the first step; the wish comes true in this one.
    Emptied(usize),
    /// There is no seat. What is over goes before the first step.
    Waits,
}

/// Decides about every wish, in the order in which they are given. `free` are the seats that are free before the first step:
/// those of the target, and those of accounts that only give something up. A target without such a list has enough of
/// everything.
pub fn allot(wishes: &[Wish], free: Option<HashMap<String, u64>>) -> Vec<Verdict> {
    let Some(free) = free else { return vec![Verdict::Granted(0); wishes.len()] };
    let mut hall = Hall { wishes, free, step: 0, verdicts: vec![None; wishes.len()] };
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_by_key(|at| {
        let Wish { person, sku, first, had, .. } = &wishes[*at];
        (Reverse(*had), *first, *person, sku)
    });
    let mut emptied = vec![false; wishes.len()];
    loop {
        hall.seat(&order, &emptied);
        // Whoever goes without gives up what is over all the same, and that may be what somebody else waits for.
        let gives = |at: &usize| hall.verdicts[*at].is_none() && !emptied[*at] && !wishes[*at].over.is_empty();
        let leaving: Vec<usize> = order.iter().copied().filter(gives).collect();
        if leaving.is_empty() {
            break;
        }
        for at in leaving {
            emptied[at] = true;
            wishes[at].over.iter().for_each(|sku| hall.release(sku));
        }
    }
    hall.verdicts.into_iter().map(|verdict| verdict.unwrap_or(Verdict::Waits)).collect()
}

/// The seats as they are from step to step.
struct Hall<'w> {
    wishes: &'w [Wish],
    free: HashMap<String, u64>,
    step: usize,
    verdicts: Vec<Option<Verdict>>,
}

impl Hall<'_> {
    fn release(&mut self, sku: &str) {
        *self.free.entry(sku.to_owned()).or_default() += 1;
    }

    /// Grants what can be granted, step by step, until nothing more can be.
    fn seat(&mut self, order: &[usize], emptied: &[bool]) {
        let wishes = self.wishes;
        loop {
            let mut freed: Vec<&str> = Vec::new();
            let mut granted = false;
            for &at in order {
                let wish = &wishes[at];
                let Some(seats) = self.free.get_mut(&wish.sku).filter(|seats| **seats > 0) else { continue };
                if self.verdicts[at].is_some() {
                    continue;
                }
                *seats -= 1;
                granted = true;
                freed.extend(wish.stays.as_deref());
                self.verdicts[at] = Some(match emptied[at] {
                    true => Verdict::Emptied(self.step),
                    false => {
                        freed.extend(wish.over.iter().map(String::as_str));
                        Verdict::Granted(self.step)
                    }
                });
            }
            if !granted {
                return;
            }
            self.step += 1;
            freed.into_iter().for_each(|sku| self.release(sku));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Verdict, Wish, allot};
    use crate::person::PersonId;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn wish(person: u64, sku: &str) -> Wish {
        Wish { person: PersonId(person), sku: sku.into(), first: None, had: false, over: Vec::new(), stays: None }
    }

    fn seats(free: &[(&str, u64)]) -> Option<HashMap<String, u64>> {
        Some(free.iter().map(|(sku, seats)| ((*sku).to_owned(), *seats)).collect())
    }

    #[test]
    fn who_has_one_comes_first_and_then_who_begins_first() {
        let later = Wish { first: Some(date(2026, 12, 1)), ..wish(1, "E5") };
        let sooner = Wish { first: Some(date(2026, 11, 1)), ..wish(2, "E5") };
        let always = wish(4, "E5");
        let holder = Wish { had: true, stays: Some("E3".into()), first: Some(date(2027, 1, 1)), ..wish(3, "E5") };
        let all = [later, sooner, always, holder];
        let granted = |free| {
            let verdicts = allot(&all, seats(&[("E5", free)]));
            let persons = all.iter().zip(verdicts).filter(|(_, verdict)| *verdict != Verdict::Waits);
            persons.map(|(wish, _)| wish.person.0).collect::<Vec<_>>()
        };
        assert_eq!(granted(0), Vec::<u64>::new());
        assert_eq!(granted(1), [3]);
        assert_eq!(granted(2), [4, 3]);
        assert_eq!(granted(3), [2, 4, 3]);
        assert_eq!(granted(9), [1, 2, 4, 3]);
    }

    #[test]
    fn a_seat_is_freed_before_it_is_given_again() {
        // One goes up and leaves a seat for the next.
        let up = Wish { had: true, stays: Some("E3".into()), ..wish(1, "E5") };
        assert_eq!(
            allot(&[wish(2, "E3"), up.clone()], seats(&[("E5", 1)])),
            [Verdict::Granted(1), Verdict::Granted(0)]
        );
        assert_eq!(allot(&[wish(2, "E3"), up], seats(&[])), [Verdict::Waits, Verdict::Waits]);
        // Two who change places do so only where what they leave is over.
        let swap = |person, from: &str, to| Wish { had: true, over: vec![from.into()], ..wish(person, to) };
        assert_eq!(
            allot(&[swap(1, "E5", "E3"), swap(2, "E3", "E5")], seats(&[])),
            [Verdict::Emptied(0), Verdict::Emptied(0)]
        );
        assert_eq!(allot(&[swap(1, "E5", "E3")], seats(&[("E3", 1)])), [Verdict::Granted(0)]);
        assert_eq!(allot(&[swap(1, "E5", "E3")], seats(&[])), [Verdict::Waits]);
    }

    #[test]
    fn a_target_that_does_not_count_has_enough() {
        assert_eq!(allot(&[wish(1, "E5"), wish(2, "E5")], None), [Verdict::Granted(0); 2]);
    }

    /// What is wanted, from when on, what is over and what may stay.
    type Drawn = (&'static str, Option<i8>, Option<&'static str>, Option<&'static str>);

    fn drawn((place, (sku, day, over, stays)): (usize, Drawn)) -> Wish {
        // What it has of the ladder is something else than what it wants.
        let over = over.filter(|over| *over != sku);
        let stays = stays.filter(|stays| *stays != sku && over != Some(*stays));
        Wish {
            person: PersonId(place as u64),
            sku: sku.to_owned(),
            first: day.map(|day| date(2026, 1, 1 + day)),
            had: over.is_some() || stays.is_some(),
            over: over.into_iter().map(str::to_owned).collect(),
            stays: stays.map(str::to_owned),
        }
    }

    fn wishes() -> impl Strategy<Value = Vec<Wish>> {
        let sku = || prop::sample::select(vec!["A", "B", "C"]);
        let wish = (sku(), prop::option::of(0i8..3), prop::option::of(sku()), prop::option::of(sku()));
        prop::collection::vec(wish, 0..12).prop_map(|all| all.into_iter().enumerate().map(drawn).collect())
    }

    proptest! {
        /// Played back step by step, no seat is taken that is not free, none stays empty while somebody waits for it, and
        /// the order in which the wishes are given says nothing.
        #[test]
        fn seats_are_given_as_they_are_free(
            wishes in wishes(),
            free in prop::collection::hash_map(prop::sample::select(vec!["A".to_owned(), "B".to_owned()]), 0u64..4, 0..3),
        ) {
            let verdicts = allot(&wishes, Some(free.clone()));
            let mut hall: HashMap<String, i64> = free.iter().map(|(sku, seats)| (sku.clone(), *seats as i64)).collect();
            let mut add = |sku: &String, seats: i64| -> i64 {
                let now = hall.entry(sku.clone()).or_default();
                *now += seats;
                *now
            };
            for (wish, verdict) in wishes.iter().zip(&verdicts) {
                if matches!(verdict, Verdict::Waits | Verdict::Emptied(_)) {
                    wish.over.iter().for_each(|sku| _ = add(sku, 1));
                }
            }
            for step in 0..=wishes.len() {
                let of_step = || {
                    wishes.iter().zip(&verdicts).filter(move |(_, verdict)| {
                        matches!(verdict, Verdict::Granted(at) | Verdict::Emptied(at) if *at == step)
                    })
                };
                for (wish, _) in of_step() {
                    prop_assert!(add(&wish.sku, -1) >= 0, "{:?} {:?}", wishes, verdicts);
                }
                for (wish, verdict) in of_step() {
                    wish.stays.iter().for_each(|sku| _ = add(sku, 1));
                    if matches!(verdict, Verdict::Granted(_)) {
                        wish.over.iter().for_each(|sku| _ = add(sku, 1));
                    }
                }
            }
            for (wish, verdict) in wishes.iter().zip(&verdicts) {
                prop_assert!(*verdict != Verdict::Waits || add(&wish.sku, 0) == 0);
            }
            let backwards: Vec<Wish> = wishes.iter().rev().cloned().collect();
            let mut again = allot(&backwards, Some(free));
            again.reverse();
            prop_assert_eq!(again, verdicts);
        }

        /// Of those who wait for one licence, nobody waits behind whom somebody less entitled got one.
        #[test]
        fn nobody_is_passed_over(wishes in wishes(), seats in 0u64..6) {
            let free: HashMap<String, u64> = ["A", "B", "C"].map(|sku| (sku.to_owned(), seats / 2)).into();
            let verdicts = allot(&wishes, Some(free));
            let rank = |wish: &Wish| (!wish.had, wish.first, wish.person);
            for (one, verdict) in wishes.iter().zip(&verdicts).filter(|(_, verdict)| **verdict == Verdict::Waits) {
                for (other, got) in wishes.iter().zip(&verdicts).filter(|(other, _)| other.sku == one.sku) {
                    prop_assert!(*got == Verdict::Waits || rank(other) < rank(one), "{:?} {:?}", verdict, wishes);
                }
            }
        }
    }
}
