//! What holds of every post of the population register, whichever way it came.

use sluss_plugin_navet::number::Number;
use sluss_plugin_navet::person;
use sluss_plugin_navet::post::{Post, Reading};
use sluss_plugin_navet::protection::Protection;
use sluss_sdk::Value;

/// A way to read, chosen by two bits.
pub fn reading(choice: u8) -> Reading {
    Reading { addresses: choice & 1 != 0, silence: choice & 2 != 0 }
}

/// A post is about somebody, its address is not that of somebody protected, and all that it says can be told.
pub fn sound(post: &Post, reading: Reading) {
    let all = post.references.iter().chain(&post.assigned).chain([&post.number]);
    all.for_each(sound_number);
    let is_open = reading.addresses && post.protection == Protection::None;
    assert!(is_open || post.address.is_none(), "an address of somebody protected");
    let Ok(attributes) = person::attributes(&post.number, post) else { return };
    let one = |name: &str| attributes.iter().find(|attribute| attribute.name == name).map(|own| own.values.as_slice());
    assert_eq!(one("protected"), Some(&[Value::Boolean(post.protection != Protection::None)][..]));
    assert!(one("identity-number").is_some_and(|values| values.len() == 1));
    attributes.iter().flat_map(|attribute| &attribute.values).for_each(crate::sound_value);
}

/// A number that is read again is the same.
pub fn sound_number(number: &Number) {
    assert!(number.digits().len() == 12 && Number::read(number.digits()).as_ref() == Some(number));
}
