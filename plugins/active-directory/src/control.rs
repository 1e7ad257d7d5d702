//! `userAccountControl`: bits of which only one is ours to change.

/// The attribute.
pub const ATTRIBUTE: &str = "userAccountControl";
/// The account cannot be used.
const DISABLED: i64 = 2;
/// An ordinary account.
const NORMAL: i64 = 512;

/// Reads its value.
pub fn read(bytes: &[u8]) -> Option<i64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// Whether the account can be used.
pub fn is_enabled(bits: i64) -> bool {
    bits & DISABLED == 0
}

/// The value of a new account.
pub fn new(enabled: bool) -> i64 {
    with(NORMAL, enabled)
}

/// A value with that one bit set or not, and all others as they were.
pub fn with(bits: i64, enabled: bool) -> i64 {
    if enabled { bits & !DISABLED } else { bits | DISABLED }
}

/// As the directory writes it.
pub fn written(bits: i64) -> Vec<u8> {
    bits.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_changes_and_the_others_stay() {
        assert_eq!((new(true), new(false)), (512, 514));
        // An ordinary account whose password does not expire, and that needs a card.
        let bits = 512 | 65_536 | 262_144;
        assert_eq!((with(bits, false), with(bits | 2, true), with(bits, true)), (bits | 2, bits, bits));
        assert!(is_enabled(bits) && !is_enabled(bits | 2));
        assert_eq!((read(b"66048"), read(b""), read(b"x")), (Some(66_048), None, None));
        assert_eq!(written(514), b"514");
    }
}
