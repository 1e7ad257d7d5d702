//! What the population register's SOAP service answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{choice, navet};
use sluss_plugin_navet::soap::{self, Answer};

fuzz_target!(|input: &[u8]| {
    let (choice, bytes) = choice(input);
    let reading = navet::reading(choice);
    let answer = soap::read(bytes, reading);
    assert_eq!(answer, soap::read(bytes, reading));
    match answer {
        Ok(Answer::Posts(posts)) => posts.iter().flatten().for_each(|post| navet::sound(post, reading)),
        Ok(Answer::Fault(fault)) => {
            let code = fault.code.unwrap_or_default();
            assert!(code.len() < 9 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()), "a code tells of nobody");
        }
        Err(_) => {}
    }
});
