//! Heroma's files of employments and units.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{choice, encoding, folder, goes_on_anywhere, parts, reads_alike, settings};
use sluss_plugin_heroma::{Heroma, Settings};

fuzz_target!(|input: &[u8]| {
    let (choice, input) = choice(input);
    let [employments, units, slips] = parts(input);
    let folder = folder(&[("heroma-anst.csv", employments), ("heroma-enhet.csv", units)]);
    let settings: Settings = settings(serde_json::json!({
        "folder": "x",
        "encoding": encoding(choice),
        "quoting": choice & 4 != 0,
        "header": choice & 8 == 0,
        "final-newline": if choice & 16 == 0 { "required" } else { "optional" },
    }));
    for class in ["engagement", "unit"] {
        let make = || Heroma::from_folder(folder.clone(), settings.clone()).expect("the settings are the usual ones");
        let _ = reads_alike(make, class, choice >> 5);
        goes_on_anywhere(make, class, slips);
    }
});
