//! What an operator may say of a delimited file, and a file that is read so.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{folder, parts, reads_alike};
use sluss_plugin_csv::{Csv, Settings};
use sluss_sdk::ErrorKind;

fuzz_target!(|input: &[u8]| {
    let [settings, content] = parts(input);
    let Ok(settings) = serde_json::from_slice::<Settings>(settings) else { return };
    let folder = folder(&[("t.csv", content)]);
    match Csv::from_folder(folder.clone(), settings.clone()) {
        Err(error) => assert!(error.kind == ErrorKind::Config && !error.message.is_empty()),
        Ok(_) => {
            for class in ["engagement", "unit", "person", "group"] {
                let make = || Csv::from_folder(folder.clone(), settings.clone()).expect("it was accepted before");
                let _ = reads_alike(make, class, content.len() as u8);
            }
        }
    }
});
