//! Identity numbers in every form, wherever they are read, and hidden wherever they are shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_engine::names::{local_part, transliterate};
use sluss_engine::numbers::{NumberKind, given_name, mask, mask_in, parse};
use sluss_fuzz::{navet, parts};
use sluss_plugin_navet::number::Number;
use sluss_roster::number;

/// The day on which they are read.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

fuzz_target!(|input: &[u8]| {
    let [text, mark] = parts(input);
    let (Ok(text), Ok(mark)) = (std::str::from_utf8(text), std::str::from_utf8(mark)) else { return };
    let own = parse(text, TODAY);
    if own.kind == NumberKind::Unknown {
        assert_eq!(own.canonical, text.trim());
    } else {
        assert!(own.canonical.len() == 12);
        assert_eq!(parse(&own.canonical, TODAY), own, "a number that is read again is the same");
        let shown = format!("{}-****", &own.canonical[..8]);
        assert_eq!(mask(&own.canonical), shown);
        assert_eq!(mask_in(&format!("row 7: {}.", own.canonical)), format!("row 7: {shown}."));
        assert!(number::id(text) != text.trim(), "an id is a number");
    }
    if let Some(known) = Number::read(text) {
        navet::sound_number(&known);
        assert_eq!(known.digits(), own.canonical, "the register is asked about somebody else");
    }
    if let Some(clean) = number::clean(text) {
        assert_eq!(number::clean(&clean).as_ref(), Some(&clean));
    }
    sluss_roster::day(text).iter().for_each(|day| sluss_fuzz::sound_value(&(*day).into()));
    let local = local_part(text);
    assert!(transliterate(text).is_ascii() && local_part(&local) == local);
    given_name(text, mark);
});
