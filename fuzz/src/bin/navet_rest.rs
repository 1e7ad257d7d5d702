//! What the population register's REST service answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{choice, navet};
use sluss_plugin_navet::rest;

fuzz_target!(|input: &[u8]| {
    let (choice, bytes) = choice(input);
    let reading = navet::reading(choice);
    let answer = rest::read(bytes, reading);
    assert_eq!(answer, rest::read(bytes, reading));
    if let Ok(answer) = answer {
        answer.posts.iter().flatten().for_each(|post| navet::sound(post, reading));
        answer.refused.iter().for_each(|(number, _)| navet::sound_number(number));
    }
});
