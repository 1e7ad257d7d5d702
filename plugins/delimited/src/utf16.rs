//! UTF-16 as UTF-8, a chunk at a time: what takes lines apart then needs to know of bytes only.
//!
//! Units that are no letter become U+FFFD, which has one unit too. So the place of a line in the file can be told from
//! its UTF-8, and whoever reads a field sees that something was wrong with it.

/// How many bytes a unit has, and which of them comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// Bytes.
    Bytes,
    /// Two bytes, the low one first.
    Little,
    /// Two bytes, the high one first.
    Big,
}

/// What stands for units that are no letter.
pub const LOST: char = char::REPLACEMENT_CHARACTER;

/// The least that has to be known of what follows: a letter may have two units.
pub const LONGEST: usize = 4;

/// A chunk as UTF-8, and how many of its bytes that is: half a letter at its end is left for the next chunk, unless there
/// is nothing else.
pub fn to_utf8(chunk: &[u8], units: Units) -> (Vec<u8>, usize) {
    let number = |pair: &[u8; 2]| match units {
        Units::Big => u16::from_be_bytes(*pair),
        Units::Bytes | Units::Little => u16::from_le_bytes(*pair),
    };
    let (mut pairs, odd) = chunk.as_chunks::<2>();
    if let [before @ .., last] = pairs
        && !before.is_empty()
        && (0xd800..0xdc00).contains(&number(last))
    {
        pairs = before;
    }
    let mut text = String::with_capacity(chunk.len());
    text.extend(char::decode_utf16(pairs.iter().map(number)).map(|letter| letter.unwrap_or(LOST)));
    if pairs.is_empty() && !odd.is_empty() {
        text.push(LOST);
        return (text.into_bytes(), chunk.len());
    }
    (text.into_bytes(), pairs.len() * 2)
}

/// How many bytes this UTF-8 has in a file of UTF-16.
pub fn length(utf8: &[u8]) -> usize {
    let units = |byte: &u8| match byte {
        0x80..0xc0 => 0,
        0xf0.. => 2,
        _ => 1,
    };
    utf8.iter().map(units).sum::<usize>() * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_one_and_two_units_come_out_and_their_length_is_known() {
        let text = "aÅ€😀\u{feff}z";
        for units in [Units::Little, Units::Big] {
            let write = |unit: u16| if units == Units::Big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let bytes: Vec<u8> = text.encode_utf16().flat_map(write).collect();
            let (read, used) = to_utf8(&bytes, units);
            assert_eq!((read.as_slice(), used), (text.as_bytes(), bytes.len()));
            assert_eq!(length(&read), bytes.len());
        }
    }

    #[test]
    fn half_a_letter_waits_for_the_rest() {
        assert_eq!(to_utf8(&[b'a', 0, 0x3d, 0xd8], Units::Little), (b"a".to_vec(), 2));
        assert_eq!(to_utf8(&[b'a', 0, b'b'], Units::Little), (b"a".to_vec(), 2));
    }

    #[test]
    fn what_is_no_letter_is_seen() {
        let lost = LOST.to_string().into_bytes();
        assert_eq!(to_utf8(&[0x3d, 0xd8], Units::Little), (lost.clone(), 2));
        assert_eq!(to_utf8(b"a", Units::Little), (lost.clone(), 1));
        let (text, used) = to_utf8(&[0x3d, 0xd8, b'a', 0], Units::Little);
        assert_eq!((text, used), ([lost.as_slice(), b"a"].concat(), 4));
    }
}
