//! Whether something is still ordinary.

use crate::policy::Limit;

/// The limit that `count` of `of` is over, as people write it. None if it is over none. A share of nothing says nothing:
/// the first load of an empty system has no share.
pub fn over(limit: &Limit, count: u64, of: u64) -> Option<String> {
    if limit.max.is_some_and(|max| count > max) {
        return limit.max.map(|max| max.to_string());
    }
    let percent = limit.percent?;
    let beyond = of > 0 && count > limit.at_least && count as f64 * 100.0 > percent * of as f64;
    beyond.then(|| format!("{percent} %"))
}

#[cfg(test)]
mod tests {
    use super::over;
    use crate::policy::Limit;

    fn limit(max: Option<u64>, percent: Option<f64>, at_least: u64) -> Limit {
        Limit { max, percent, at_least }
    }

    #[test]
    fn either_limit_trips() {
        assert_eq!(over(&limit(Some(5), None, 0), 6, 1000).as_deref(), Some("5"));
        assert_eq!(over(&limit(Some(5), None, 0), 5, 1000), None);
        assert_eq!(over(&limit(Some(500), Some(10.0), 0), 11, 100).as_deref(), Some("10 %"));
        assert_eq!(over(&limit(Some(500), Some(10.0), 0), 10, 100), None);
    }

    #[test]
    fn a_share_counts_only_beyond_a_few_and_of_something() {
        assert_eq!(over(&limit(None, Some(10.0), 5), 5, 10), None);
        assert_eq!(over(&limit(None, Some(10.0), 5), 6, 10).as_deref(), Some("10 %"));
        assert_eq!(over(&limit(None, Some(10.0), 0), 300, 0), None);
        assert_eq!(over(&Limit::default(), 1_000_000, 1), None);
    }
}
