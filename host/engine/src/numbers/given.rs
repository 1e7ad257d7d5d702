//! Which of somebody's first names is used, from the register's mark.
//!
//! The mark has two digits, each the position of a name; names stand between spaces and hyphens.

/// The name that is used. Without a mark it is the first name as it is written, hyphens included; a mark that points
/// at no name gives none.
pub fn given_name(first_names: &str, mark: &str) -> String {
    let first_names = first_names.trim();
    let positions: Vec<usize> = mark
        .trim()
        .chars()
        .map_while(|digit| digit.to_digit(10))
        .filter(|digit| *digit > 0)
        .map(|digit| digit as usize)
        .collect();
    let sound = mark.trim().chars().all(|digit| digit.is_ascii_digit());
    if positions.is_empty() || !sound {
        return first_names.split_whitespace().next().unwrap_or_default().to_owned();
    }
    let names = positioned(first_names);
    let mut given = String::new();
    let mut last = 0;
    for position in positions {
        let Some((separator, name)) = names.get(position - 1) else { continue };
        if !given.is_empty() {
            // Neighbours keep what stands between them.
            given.push(if position == last + 1 { *separator } else { ' ' });
        }
        given.push_str(name);
        last = position;
    }
    given
}

/// Every name with what stands before it.
fn positioned(first_names: &str) -> Vec<(char, &str)> {
    let words = first_names.split_whitespace();
    words
        .flat_map(|word| {
            let parts = word.split('-').filter(|part| !part.is_empty());
            parts.enumerate().map(|(at, part)| (if at == 0 { ' ' } else { '-' }, part))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::given_name;

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
        ] {
            assert_eq!(given_name(names, mark), given, "{names} {mark}");
        }
    }

    #[test]
    fn without_a_mark_it_is_the_first_as_written() {
        for (names, mark, given) in
            [("Anna-Lisa Maria", "", "Anna-Lisa"), ("Per Olof", "00", "Per"), ("Per Olof", "x1", "Per"), ("", "", "")]
        {
            assert_eq!(given_name(names, mark), given, "{names} {mark}");
        }
    }
}
