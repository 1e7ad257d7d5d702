//! Single fields of delimited files: letters in every encoding, days in every form, numbers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_delimited::{DateFormat, Decoder, Encoding, Writing, encode};
use sluss_fuzz::{parts, sound_value};
use sluss_sdk::Cell;

fuzz_target!(|input: &[u8]| {
    let [format, field] = parts(input);
    let format = String::from_utf8_lossy(format).into_owned();
    if let Some(day) = DateFormat::new(&format).ok().and_then(|format| format.parse(field)) {
        sound_value(&day.into());
    }
    for encoding in [Encoding::Utf8, Encoding::Windows1252, Encoding::Iso8859_1, Encoding::Utf16] {
        let decoder = |format: &str, word: &str, decimal_comma| {
            let (date_formats, words) = ([format.to_owned()], [word.to_owned()]);
            let (date_formats, open_end, yes) = (&date_formats, &words, &words);
            Decoder::new(Writing { encoding, date_formats, open_end, yes, no: &[], decimal_comma })
        };
        let decoders = [decoder(&format, &format, true), decoder("YYYYMMDD", "J", false)];
        decoders.iter().flatten().for_each(|decoder| read(decoder, field));
    }
});

fn read(decoder: &Decoder, field: &[u8]) {
    if let Ok(text) = decoder.text(field) {
        let written = encode(decoder.encoding(), &text).expect("what was read can be written");
        assert_eq!(written, field, "what is written is what was read");
    }
    let cells = [
        decoder.text_cell(field),
        decoder.flag_cell(field),
        decoder.number_cell(field),
        decoder.day_cell(field),
        decoder.end_cell(field),
        decoder.references_cell(field, b','),
        Ok(decoder.protected_cell(field)),
    ];
    for cell in cells.into_iter().flatten() {
        match cell {
            Cell::Absent => {}
            Cell::One(value) => sound_value(&value),
            Cell::Many(values) => values.iter().for_each(sound_value),
        }
    }
}
