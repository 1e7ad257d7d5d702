//! What the export service of Extens answers about an export.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_plugin_extens::answer;
use sluss_sdk::http::Response;

fuzz_target!(|bytes: &[u8]| {
    let response = Response { status: 200, headers: Vec::new(), body: bytes.to_vec() };
    if let Ok(key) = answer::key(&response) {
        let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        assert!(plain && !key.starts_with('.') && (1..=128).contains(&key.len()), "a key leads to another address");
    }
    let is_object = serde_json::from_slice::<serde_json::Map<_, serde_json::Value>>(bytes).is_ok();
    assert!(is_object || answer::is_ready(&response).is_err(), "an answer of another kind says something");
});
