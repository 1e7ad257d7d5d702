//! Which of many writes may be under way at the same time.
//!
//! Two that touch the same entry, or an entry and one below it, keep the order in which they were given. All others may
//! overtake each other, which is what makes many of them fast.

use std::collections::HashMap;

/// The names that a write touches: each as the key of the name itself, followed by the keys of all names above it.
pub type Touched = Vec<Vec<String>>;

/// Where a write stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// All writes of earlier waves are answered before this one is sent.
    pub wave: usize,
    /// The write before this one that touches the very same entry.
    pub after: Option<usize>,
}

/// The places of writes, in the order in which they are given.
pub fn places(writes: &[&Touched]) -> Vec<Place> {
    let mut at: HashMap<&str, (usize, usize)> = HashMap::new();
    let mut below: HashMap<&str, usize> = HashMap::new();
    let mut places = Vec::with_capacity(writes.len());
    for (index, touched) in writes.iter().enumerate() {
        let mut wave = 0;
        let mut after = None;
        for name in touched.iter() {
            for (level, key) in name.iter().enumerate() {
                if let Some((earlier, by)) = at.get(key.as_str()) {
                    wave = wave.max(earlier + 1);
                    if level == 0 {
                        after = after.max(Some(*by));
                    }
                }
            }
            if let Some(earlier) = name.first().and_then(|key| below.get(key.as_str())) {
                wave = wave.max(earlier + 1);
            }
        }
        for name in touched.iter() {
            for (level, key) in name.iter().enumerate() {
                if level == 0 {
                    at.insert(key, (wave, index));
                } else {
                    let latest = below.entry(key).or_default();
                    *latest = wave.max(*latest);
                }
            }
        }
        places.push(Place { wave, after });
    }
    places
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::dn::Dn;
    use super::*;

    fn order(writes: &[&[&str]]) -> Vec<(usize, Option<usize>)> {
        let touched: Vec<Touched> =
            writes.iter().map(|names| names.iter().map(|name| Dn::parse(name).unwrap().keys()).collect()).collect();
        places(&touched.iter().collect::<Vec<_>>()).into_iter().map(|place| (place.wave, place.after)).collect()
    }

    #[test]
    fn strangers_travel_together() {
        assert_eq!(order(&[&["uid=a,dc=x"], &["uid=b,dc=x"], &["cn=g,dc=x"]]), [(0, None); 3]);
    }

    #[test]
    fn one_entry_is_written_once_at_a_time() {
        let places = order(&[&["uid=a,dc=x"], &["UID=A, dc=x"], &["uid=b,dc=x"], &["uid=a,dc=x"]]);
        assert_eq!(places, [(0, None), (1, Some(0)), (0, None), (2, Some(1))]);
    }

    #[test]
    fn parents_come_before_children_and_go_after_them() {
        let places = order(&[&["ou=p,dc=x"], &["uid=a,ou=p,dc=x"], &["uid=b,ou=p,dc=x"], &["ou=p,dc=x"]]);
        assert_eq!(places, [(0, None), (1, None), (1, None), (2, Some(0))]);
    }

    #[test]
    fn a_rename_touches_both_names() {
        let places = order(&[&["uid=a,dc=x", "uid=b,dc=x"], &["uid=b,dc=x"], &["uid=a,dc=x"], &["uid=c,uid=b,dc=x"]]);
        assert_eq!(places, [(0, None), (1, Some(0)), (1, Some(0)), (2, None)]);
    }
}
