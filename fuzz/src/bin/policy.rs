//! A policy file: what is wrong with it stands in it, and what is right has an answer for everybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_engine::policy::load;
use sluss_fuzz::people;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let files = [("policy.toml".to_owned(), text.to_owned())];
    match load(&files) {
        Ok(policy) => {
            assert_eq!(load(&files).map(|again| again.digest).ok().as_ref(), Some(&policy.digest));
            people::told(&policy);
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            let lines = text.matches('\n').count() + 1;
            for fault in faults {
                let line = fault.place.line.and_then(|line| usize::try_from(line).ok()).unwrap_or_default();
                assert!((1..=lines).contains(&line) && !fault.message.is_empty(), "a fault that is nowhere");
            }
        }
    }
});
