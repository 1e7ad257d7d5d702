//! The state of class lists as their file keeps it, what their documents are called, and what must not stand in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_engine::numbers::parse;
use sluss_fuzz::{choice, parts};
use sluss_plugin_class_list::log::Log;
use sluss_plugin_class_list::number::holds_number;
use sluss_plugin_class_list::place::{fold, is_document, place};
use sluss_plugin_class_list::state::{Effect, State};
use sluss_sdk::files::Folder;
use sluss_sdk::memory::Memory;

const STATE: &str = "state";

/// The day on which identity numbers are read.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

fuzz_target!(|input: &[u8]| {
    let (share, input) = choice(input);
    let [file, more, name] = parts(input);
    let cut = file.len() * usize::from(share) / 255;
    let (own, whole) = read(file);
    let (memory, torn) = read(&file[..cut]);
    let lines = file[..cut].iter().rposition(|byte| *byte == b'\n').map(|end| end + 1);
    if let Some(lines) = lines {
        let before = read(&file[..lines]).1.map(|(state, _)| state);
        assert_eq!(torn.as_ref().ok().map(|(state, _)| state), before.as_ref().ok(), "a part of a line was taken");
        assert!(whole.is_err() || torn.is_ok(), "a file that was cut off is refused");
    }
    if let (Ok((state, log)), Ok(effect)) = (torn, serde_json::from_slice(more)) {
        happen(&memory, state, log, effect);
    }
    if let Ok((state, log)) = whole {
        anew(&own, &state, log);
    }
    if let Ok(name) = std::str::from_utf8(name) {
        documents(name);
        numbers(name);
    }
});

/// A folder with this file, and what is read of it.
fn read(file: &[u8]) -> (Memory, Result<(State, Log), sluss_sdk::Error>) {
    let memory = Memory::default();
    memory.put(STATE, file);
    let told = Log::read(&Folder::in_memory(&memory), STATE);
    (memory, told)
}

/// What happened, and was written behind a file that may be torn, is read again.
fn happen(memory: &Memory, state: State, mut log: Log, effect: Effect) {
    log.mend(&state).expect("a folder in memory can be written");
    let mut after = state;
    if after.take(effect.clone()).is_ok() {
        log.append(&[effect]).expect("a folder in memory can be written");
        assert_eq!(Log::read(&Folder::in_memory(memory), STATE).map(|(state, _)| state), Ok(after));
    }
}

/// A file that is written anew says the same, and the same again when it is written once more.
fn anew(memory: &Memory, state: &State, mut log: Log) {
    let folder = Folder::in_memory(memory);
    log.write(state).expect("a folder in memory can be written");
    let content = memory.content(STATE);
    let (again, mut log) = Log::read(&folder, STATE).expect("it is of our making");
    assert_eq!(&again, state);
    log.write(&again).expect("a folder in memory can be written");
    assert_eq!(memory.content(STATE), content);
    // A mark is shorter by far, and nothing in it has to be escaped.
    if let Some(mark) = state.finished.as_ref().filter(|mark| mark.len() < 600) {
        assert_eq!(Log::ends_with(&folder, STATE, mark), Ok(true));
    }
    assert!(state.finished.is_some() || Log::ends_with(&folder, STATE, "x") == Ok(false));
}

/// A document stays in its folder, and no two lists share one.
fn documents(name: &str) {
    let Ok(own) = place(name) else { return };
    assert!(is_document(&format!("{own}.csv")) && !own.contains(['.', '/', '\\', ':', '\0']) && own.trim() == own);
    for other in [name.to_uppercase(), name.to_lowercase(), own.clone()] {
        if place(&other).is_ok_and(|other| other.to_lowercase() == own.to_lowercase()) {
            assert_eq!(fold(&other), fold(name), "two lists share a file");
        }
    }
}

/// An identity number is seen wherever it stands.
fn numbers(text: &str) {
    let own = parse(text, TODAY);
    if own.problem.is_none() {
        // A coordination number may have a date that no calendar knows, but not any.
        let (century, month, day) = (&own.canonical[..2], &own.canonical[4..6], &own.canonical[6..8]);
        let is_likely = ["18", "19", "20"].contains(&century) && month <= "12" && day <= "91";
        assert!(!is_likely || holds_number(text.trim()) || text.contains(' ') || text.trim().len() == 10);
        assert!(!is_likely || holds_number(&own.canonical), "a number is not seen");
    }
    assert_eq!(holds_number(&format!("({text}), 4A")), holds_number(text));
}
