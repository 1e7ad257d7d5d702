//! Which of somebody's first names is used, from the register's mark.
//!
//! The mark has two digits, each the position of a name; names stand between spaces and hyphens. The host reads the marks
//! of other systems by the same rule.

/// The name that is used. Without a mark it is the first name as it is written, hyphens included; a mark that points at
/// no name gives none.
pub fn given_name(first_names: &str, mark: Option<&str>) -> Option<String> {
    let mark = mark.unwrap_or_default().trim();
    let is_mark = mark.bytes().all(|byte| byte.is_ascii_digit());
    let positions: Vec<usize> =
        mark.bytes().filter(|digit| *digit > b'0').map(|digit| usize::from(digit - b'0')).collect();
    if positions.is_empty() || !is_mark {
        return first_names.split_whitespace().next().map(str::to_owned);
    }
    let names = names(first_names);
    let mut given = String::new();
    let mut last = 0;
    for position in positions {
        let Some((before, name)) = names.get(position - 1) else { continue };
        if !given.is_empty() {
            // Neighbours keep what stands between them.
            given.push(if position == last + 1 { *before } else { ' ' });
        }
        given.push_str(name);
        last = position;
    }
    (!given.is_empty()).then_some(given)
}

/// Every name with what stands before it.
fn names(first_names: &str) -> Vec<(char, &str)> {
    let parts = |word| str::split(word, '-').filter(|part: &&str| !part.is_empty()).enumerate();
    let words = first_names.split_whitespace();
    words.flat_map(|word| parts(word).map(|(at, part)| (if at == 0 { ' ' } else { '-' }, part))).collect()
}

#[cfg(test)]
mod tests {
    use super::given_name;

    /// The host's own vectors.
    #[test]
    fn marks_point_at_names() {
        for (names, mark, given) in [
            ("a b c", "10", "a"),
            ("a b c", "20", "b"),
            ("a b c", "30", "c"),
            ("a b c", "12", "a b"),
            ("a b c", "23", "b c"),
            ("a b c", "13", "a c"),
            ("a-b c", "10", "a"),
            ("a-b c", "20", "b"),
            ("a-b c", "30", "c"),
            ("a-b c", "12", "a-b"),
            ("a-b c", "23", "b c"),
            ("N1 N2-N3 N4", "12", "N1 N2"),
            ("N1 N2-N3 N4", "14", "N1 N4"),
            ("N1 N2-N3 N4", "23", "N2-N3"),
            ("N1 N2-N3 N4", "78", ""),
            (" Anna   Lisa ", "2", "Lisa"),
            ("Anna-Lisa Maria", "", "Anna-Lisa"),
            ("Per Olof", "00", "Per"),
            ("Per Olof", "x1", "Per"),
            ("", "", ""),
        ] {
            assert_eq!(given_name(names, Some(mark)).unwrap_or_default(), given, "{names} {mark}");
        }
    }
}
