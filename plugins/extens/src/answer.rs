//! What the service answers about an export: by which key it is asked for, and whether it is ready.

use serde_json::{Map, Value};
use sluss_sdk::Error;
use sluss_sdk::http::Response;

/// The longest key of an export.
const LONGEST_KEY: usize = 128;

/// The key of an export that was started. It becomes a part of an address.
pub fn key(response: &Response) -> Result<String, Error> {
    let answer: Map<String, Value> = response.json()?;
    let key = answer.get("dataKey").and_then(Value::as_str).unwrap_or_default();
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if key.is_empty() || key.len() > LONGEST_KEY || key.starts_with('.') || !key.bytes().all(is_sound) {
        return Err(Error::unavailable("The key of the export is none that could stand in an address"));
    }
    Ok(key.to_owned())
}

/// Whether an export is ready: then it says since when.
pub fn is_ready(response: &Response) -> Result<bool, Error> {
    let answer: Map<String, Value> = response.json()?;
    match answer.get("stopTime") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(time)) => Ok(!time.trim().is_empty()),
        Some(_) => Err(Error::unavailable("The time at which the export was ready is none")),
    }
}
