//! What the plugin for SS 12000 gave the host to keep, as it comes back; and days.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_plugin_ss12000::class::Class;
use sluss_plugin_ss12000::cursor::{Cursor, Token};
use sluss_plugin_ss12000::day::{Day, timestamp};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(cursor) = Cursor::read(bytes) {
        assert_eq!(Cursor::read(&cursor.bytes()).ok(), Some(cursor));
    }
    if let Some(token) = Token::read(bytes) {
        assert_eq!(Token::read(&token.bytes()), Some(token.clone()));
        for class in Class::ALL {
            token.holds(class, &token.scope, 1_795_339_200, 30);
        }
        timestamp(token.moment);
    }
    if let Some(day) = std::str::from_utf8(bytes).ok().and_then(Day::read) {
        sluss_fuzz::sound_value(&day.date().into());
        assert_eq!(Day::read(&day.date().to_string()), Some(day));
    }
});
