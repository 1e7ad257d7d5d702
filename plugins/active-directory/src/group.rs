//! `groupType`: what a group is for and how far it reaches, in the words of people.

/// The attribute.
pub const ATTRIBUTE: &str = "groupType";
/// The bit of groups that rights can be given to. It is the topmost of 32, so that the number is negative.
const SECURITY: u32 = 0x8000_0000;
/// The bits of how far groups reach.
const SCOPES: [(&str, u32); 3] = [("global", 2), ("domain-local", 4), ("universal", 8)];

fn bits(bytes: &[u8]) -> Option<u32> {
    let number: i64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    // Some write the same bits as a positive number.
    i32::try_from(number).map(i32::cast_unsigned).or_else(|_| u32::try_from(number)).ok()
}

/// What a group is for.
pub fn kind(bytes: &[u8]) -> Option<&'static str> {
    bits(bytes).map(|bits| if bits & SECURITY == 0 { "distribution" } else { "security" })
}

/// How far a group reaches.
pub fn scope(bytes: &[u8]) -> Option<&'static str> {
    let bits = bits(bytes)?;
    SCOPES.into_iter().find(|(_, bit)| bits & bit != 0).map(|(word, _)| word)
}

/// The bit of what a group is for.
pub fn kind_of(word: &str) -> Option<u32> {
    match word {
        "security" => Some(SECURITY),
        "distribution" => Some(0),
        _ => None,
    }
}

/// The bit of how far a group reaches.
pub fn scope_of(word: &str) -> Option<u32> {
    SCOPES.into_iter().find(|(known, _)| *known == word).map(|(_, bit)| bit)
}

/// As the directory writes it.
pub fn written(kind: u32, scope: u32) -> Vec<u8> {
    (kind | scope).cast_signed().to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_become_numbers_and_come_back() {
        for (words, number) in [
            (("security", "global"), "-2147483646"),
            (("security", "domain-local"), "-2147483644"),
            (("security", "universal"), "-2147483640"),
            (("distribution", "universal"), "8"),
        ] {
            let bytes = written(kind_of(words.0).unwrap(), scope_of(words.1).unwrap());
            assert_eq!(String::from_utf8_lossy(&bytes), number);
            assert_eq!((kind(&bytes).unwrap(), scope(&bytes).unwrap()), words);
        }
        assert_eq!((kind(b"2147483650"), scope(b"2147483650")), (Some("security"), Some("global")));
        assert_eq!((kind(b"x"), scope(b"1"), kind_of("mail"), scope_of("forest")), (None, None, None, None));
    }
}
