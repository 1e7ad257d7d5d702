//! The files of Procapita's Skolplatsen set.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_fuzz::{choice, encoding, folder, parts, roster, settings};
use sluss_plugin_procapita::{Procapita, Settings};
use sluss_sdk::Source;

fuzz_target!(|input: &[u8]| {
    let (choice, input) = choice(input);
    let [units, groups, pupils, members, employees] = parts(input);
    let names = ["EnhetData.csv", "GruppData.csv", "ElevData.csv", "ElevGruppData.csv", "PersonalData.csv"];
    let folder = folder(&[
        (names[0], units),
        (names[1], groups),
        (names[2], pupils),
        (names[3], members),
        (names[4], employees),
    ]);
    let settings: Settings = settings(serde_json::json!({
        "interface": "csv", "folder": "x", "organisation": "1430",
        "units": names[0], "groups": names[1], "pupils": names[2], "members": names[3], "employees": names[4],
        "staff": choice & 1 != 0,
        "addresses": choice & 2 != 0,
        "final-newline": if choice & 4 != 0 { "required" } else { "optional" },
        "encoding": encoding(choice >> 3),
    }));
    roster(|| {
        let mut procapita = Procapita::from_folder(folder.clone(), &settings).expect("the settings name all files");
        move |class, from, max| procapita.read(class, from, max)
    });
});
