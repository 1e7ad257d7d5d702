//! What Active Directory calls an entry for ever: its GUID, and how it writes names with the GUIDs behind them.
//!
//! A name changes when somebody is married or moves to another unit; the GUID never does. So it is the id of an object,
//! and what references are made of.

use std::fmt::{self, Write as _};

/// A GUID, in the order of bytes in which the directory keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid([u8; 16]);

/// Where in the stored bytes those of the text stand, from left to right: the first three groups are numbers, kept with
/// their last byte first.
const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
/// Where the hyphens stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl Guid {
    /// Reads the value of `objectGUID`.
    pub fn from_bytes(bytes: &[u8]) -> Option<Guid> {
        bytes.try_into().ok().map(Guid)
    }

    /// Reads a GUID as Windows writes it: `b3d47d9f-2b59-4f4c-9d6f-4b4b0d5e1a2b`.
    pub fn parse(text: &str) -> Option<Guid> {
        if text.len() != 36 || !text.is_ascii() || HYPHENS.iter().any(|at| text.as_bytes()[*at] != b'-') {
            return None;
        }
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
        let read = hexadecimal(&digits)?;
        let mut bytes = [0; 16];
        for (byte, at) in read.into_iter().zip(ORDER) {
            bytes[at] = byte;
        }
        Some(Guid(bytes))
    }

    /// The value of `objectGUID`.
    pub fn bytes(&self) -> [u8; 16] {
        self.0
    }

    /// The GUID as the value of a filter.
    pub fn escaped(&self) -> String {
        self.0.iter().fold(String::with_capacity(48), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\{byte:02x}");
            text
        })
    }

    /// The GUID in the place of a name.
    pub fn as_name(&self) -> String {
        format!("<GUID={self}>")
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, at) in ORDER.into_iter().enumerate() {
            if matches!(step, 4 | 6 | 8 | 10) {
                f.write_char('-')?;
            }
            write!(f, "{:02x}", self.0[at])?;
        }
        Ok(())
    }
}

/// Sixteen bytes in hexadecimal digits.
fn hexadecimal(digits: &[u8]) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// A name, and the GUID of what it names where the directory told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// The GUID.
    pub guid: Option<Guid>,
    /// The plain name.
    pub dn: &'a str,
}

impl<'a> Named<'a> {
    /// Takes a name apart that came with what lies behind it: `<GUID=…>;<SID=…>;CN=…`.
    pub fn read(text: &'a str) -> Named<'a> {
        let mut named = Named { guid: None, dn: text };
        while let Some((part, rest)) = named.dn.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            if let Some(guid) = part.strip_prefix("GUID=") {
                named.guid = Guid::parse(guid).or_else(|| hexadecimal(guid.as_bytes()).map(Guid));
            }
            named.dn = rest.strip_prefix(';').unwrap_or(rest);
        }
        named
    }
}

/// Reads the value of `objectSid` as Windows writes it: `S-1-5-21-…`.
pub fn sid(bytes: &[u8]) -> Option<String> {
    let (head, parts) = bytes.split_at_checked(8)?;
    if parts.len() != 4 * usize::from(head[1]) {
        return None;
    }
    let authority = head[2..].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut text = format!("S-{}-{authority}", head[0]);
    for part in parts.as_chunks::<4>().0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "-{}", u32::from_le_bytes(*part));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "03020100-0504-0706-0809-0a0b0c0d0e0f";

    #[test]
    fn a_guid_is_written_as_windows_does_and_kept_as_the_directory_does() {
        let guid = Guid::from_bytes(&(0..16).collect::<Vec<u8>>()).unwrap();
        assert_eq!(guid.to_string(), TEXT);
        assert_eq!(Guid::parse(TEXT), Some(guid));
        assert_eq!(Guid::parse(&TEXT.to_uppercase()), Some(guid));
        assert!(guid.escaped().starts_with("\\00\\01\\02") && guid.escaped().len() == 48);
        assert_eq!(guid.as_name(), format!("<GUID={TEXT}>"));
        for wrong in ["", "anna", &TEXT[1..], &TEXT.replace('-', "0"), &TEXT.replace('a', "g"), &TEXT.replace('3', "å")]
        {
            assert_eq!(Guid::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Guid::from_bytes(b"short"), None);
    }

    #[test]
    fn a_name_comes_with_what_lies_behind_it_or_alone() {
        let dn = "CN=Lind\\, Eva,OU=a<b,DC=ad,DC=test";
        let guid = Guid::parse(TEXT);
        let hex = "000102030405060708090a0b0c0d0e0f";
        for text in [format!("<GUID={TEXT}>;<SID=S-1-5-21-1>;{dn}"), format!("<GUID={hex}>;{dn}")] {
            assert_eq!(Named::read(&text), Named { guid, dn });
        }
        assert_eq!(Named::read(dn), Named { guid: None, dn });
        assert_eq!(Named::read("<GUID=?>;DC=test"), Named { guid: None, dn: "DC=test" });
        assert_eq!(Named::read("<GUID=").dn, "<GUID=");
        assert_eq!(Named::read(&format!("<GUID={TEXT}>")), Named { guid, dn: "" });
    }

    #[test]
    fn a_sid_is_written_as_windows_does() {
        let mut bytes = vec![1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0];
        bytes.extend(500_u32.to_le_bytes());
        assert_eq!(sid(&bytes).unwrap(), "S-1-5-21-500");
        assert_eq!((sid(&bytes[..15]), sid(b"short")), (None, None));
    }
}
