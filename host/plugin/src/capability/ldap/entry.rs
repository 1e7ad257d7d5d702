//! Takes an entry out of a server's message.
//!
//! The client library's own way ends the process's task when a server sends nonsense, and splits values by whether they
//! happen to be text. Here nonsense is a fault, and every value is bytes.

use super::message::{Attribute, Entry};
use ldap3::asn1::StructureTag;

/// The entry in a search result; none when the message is malformed.
pub fn decode(tag: StructureTag) -> Option<Entry> {
    let mut fields = tag.match_id(4)?.expect_constructed()?.into_iter();
    let dn = String::from_utf8(fields.next()?.expect_primitive()?).ok()?;
    let attributes = fields.next()?.expect_constructed()?.into_iter().map(attribute).collect::<Option<_>>()?;
    Some(Entry { dn, attributes })
}

fn attribute(tag: StructureTag) -> Option<Attribute> {
    let mut fields = tag.expect_constructed()?.into_iter();
    let name = String::from_utf8(fields.next()?.expect_primitive()?).ok()?;
    let values = fields.next()?.expect_constructed()?.into_iter().map(StructureTag::expect_primitive);
    Some(Attribute { name, values: values.collect::<Option<_>>()?, is_password: false })
}

/// How many bytes an entry takes.
pub fn size(entry: &Entry) -> usize {
    let attributes = entry.attributes.iter();
    entry.dn.len() + attributes.map(|a| a.name.len() + a.values.iter().map(Vec::len).sum::<usize>()).sum::<usize>()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ldap3::asn1::{PL, TagClass};

    fn tag(id: u64, class: TagClass, payload: PL) -> StructureTag {
        StructureTag { id, class, payload }
    }

    fn text(text: &[u8]) -> StructureTag {
        tag(4, TagClass::Universal, PL::P(text.to_vec()))
    }

    fn entry(attributes: Vec<StructureTag>) -> StructureTag {
        let attributes = tag(16, TagClass::Universal, PL::C(attributes));
        tag(4, TagClass::Application, PL::C(vec![text(b"uid=a"), attributes]))
    }

    #[test]
    fn values_are_bytes_whether_text_or_not() {
        let values = tag(17, TagClass::Universal, PL::C(vec![text(b"x"), text(b"\xff\x00")]));
        let attribute = tag(16, TagClass::Universal, PL::C(vec![text(b"jpegPhoto"), values]));
        let decoded = decode(entry(vec![attribute])).unwrap();
        assert_eq!(decoded.dn, "uid=a");
        assert_eq!(decoded.attributes[0].values, [b"x".to_vec(), b"\xff\x00".to_vec()]);
        assert_eq!(size(&decoded), 5 + 9 + 3);
    }

    #[test]
    fn nonsense_is_no_entry() {
        assert_eq!(decode(entry(vec![text(b"x")])), None);
        assert_eq!(decode(text(b"x")), None);
        assert_eq!(decode(tag(4, TagClass::Application, PL::C(Vec::new()))), None);
    }
}
