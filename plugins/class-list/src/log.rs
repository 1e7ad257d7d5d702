//! The state's file: one line for each thing, and behind them a line for each change since the file was last written
//! anew, appended before anybody is told of the change.

use crate::state::{Class, Effect, State};
use sluss_sdk::files::Folder;
use sluss_sdk::{Error, Place};
use std::io::{BufRead as _, BufReader, Read as _};

/// The format of the file.
const FORMAT: u32 = 1;
/// How much is appended at once.
const CHUNK: usize = 1 << 20;
/// The longest line. A file without line ends is not ours, and should not fill the memory before that is found.
const LONGEST: u64 = 64 << 20;
/// How much of the file's end is looked at for its last line.
const END: u32 = 4096;

/// The file.
#[derive(Debug)]
pub struct Log {
    folder: Folder,
    name: String,
    /// Whether it has its first line.
    begun: bool,
    /// Whether it ends in a line of which nobody was told, because the machine stopped while it was written.
    torn: bool,
}

impl Log {
    /// Reads the file, which does not need to be there.
    pub fn read(folder: &Folder, name: &str) -> Result<(State, Log), Error> {
        let mut state = State::default();
        let mut log = Log { folder: folder.clone(), name: name.to_owned(), begun: false, torn: false };
        if folder.stat(name)?.is_none() {
            return Ok((state, log));
        }
        let mut reader = BufReader::with_capacity(1 << 16, folder.reader(name, 0));
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
            let Some(text) = line.strip_suffix(b"\n") else {
                log.torn = !line.is_empty();
                break;
            };
            let at = |error: Error| error.at(Place::file(name).line(number));
            let effect: Effect = serde_json::from_slice(text).map_err(|_| at(foreign(name)))?;
            match effect {
                Effect::ClassLists(FORMAT) if number == 1 => log.begun = true,
                Effect::ClassLists(_) if number == 1 => {
                    let message = format!("`{name}` was written by a later version of Sluss; use that one");
                    return Err(at(Error::unsupported(message)));
                }
                _ if number == 1 => return Err(at(foreign(name))),
                effect => state.take(effect).map_err(at)?,
            }
        }
        if !log.begun && !head()?.starts_with(&line) || line.len() as u64 >= LONGEST {
            return Err(foreign(name).at(Place::file(name).line(1)));
        }
        Ok((state, log))
    }

    /// Whether the file ends with this mark: then nothing happened since the documents were made with it.
    pub fn ends_with(folder: &Folder, name: &str, mark: &str) -> Result<bool, Error> {
        let Some(info) = folder.stat(name)? else { return Ok(false) };
        let mut end = Vec::new();
        line(&mut end, &Effect::Finished(mark.to_owned()))?;
        end.insert(0, b'\n');
        let tail = folder.read(name, info.size.saturating_sub(u64::from(END)), END)?;
        Ok(tail.ends_with(&end))
    }

    /// Whether there is a whole file at all.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Writes the file anew where it ends in a part of a line, so that more can be appended. `state` is what it says.
    pub fn mend(&mut self, state: &State) -> Result<(), Error> {
        if self.torn { self.write(state) } else { Ok(()) }
    }

    /// Appends effects to a file that is not torn, and returns when they are on the disk. An error says by `sent` whether
    /// any of them may be there; then the file must be read anew.
    pub fn append(&mut self, effects: &[Effect]) -> Result<(), Error> {
        let mut part = if self.begun { Vec::new() } else { head()? };
        effects.iter().try_for_each(|effect| line(&mut part, effect))?;
        for (index, chunk) in part.chunks(CHUNK).enumerate() {
            let appended = self.folder.append(&self.name, chunk);
            appended.map_err(|error| Error { sent: error.sent || index > 0, ..error })?;
        }
        self.begun = true;
        Ok(())
    }

    /// Writes the file anew: what is no longer so is then nowhere in it.
    pub fn write(&mut self, state: &State) -> Result<(), Error> {
        let mut file = self.folder.replacing(&self.name)?;
        let mut part = head()?;
        for class in [Class::Pupil, Class::List] {
            for thing in state.things(class).values() {
                line(&mut part, &thing.effect(class, None))?;
                if part.len() >= CHUNK {
                    file.push(&part)?;
                    part.clear();
                }
            }
        }
        for document in &state.documents {
            line(&mut part, &Effect::Document(document.clone()))?;
        }
        if let Some(mark) = &state.finished {
            line(&mut part, &Effect::Finished(mark.clone()))?;
        }
        file.push(&part)?;
        file.commit()?;
        (self.begun, self.torn) = (true, false);
        Ok(())
    }
}

fn head() -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    line(&mut head, &Effect::ClassLists(FORMAT))?;
    Ok(head)
}

fn line(out: &mut Vec<u8>, effect: &Effect) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, effect).map_err(|error| Error::internal(error.to_string()))?;
    out.push(b'\n');
    Ok(())
}

fn foreign(name: &str) -> Error {
    Error::invalid(format!("This line of `{name}` is not of Sluss's making; put the file elsewhere, or put it right"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sluss_sdk::ErrorKind;
    use sluss_sdk::memory::Memory;

    const NAME: &str = "state";
    const HEAD: &str = "{\"class-lists\":1}\n";
    const ANNA: &str = "{\"put\":{\"class\":\"pupil\",\"key\":\"anna\"}}\n";
    const BO: &str = "{\"put\":{\"class\":\"pupil\",\"key\":\"bo\"}}\n";

    fn memory(content: &str) -> Memory {
        let memory = Memory::default();
        memory.put(NAME, content);
        memory
    }

    fn read(memory: &Memory) -> Result<(State, Log), Error> {
        Log::read(&Folder::in_memory(memory), NAME)
    }

    fn effect(line: &str) -> Effect {
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn a_line_that_was_cut_off_was_told_to_nobody() {
        let whole = format!("{HEAD}{ANNA}{BO}");
        for cut in 0..whole.len() {
            let memory = memory(&whole[..cut]);
            let (mut state, mut log) = read(&memory).unwrap();
            let lines = whole[..cut].matches('\n').count();
            assert_eq!(state.things(Class::Pupil).len(), lines.saturating_sub(1), "{cut}");
            let cleo = effect(&BO.replace("bo", "cleo"));
            log.mend(&state).unwrap();
            log.append(std::slice::from_ref(&cleo)).unwrap();
            state.take(cleo).unwrap();
            assert_eq!(read(&memory).unwrap().0, state, "{cut}");
        }
    }

    #[test]
    fn a_file_that_is_not_ours_is_left_alone() {
        for foreign in
            ["Anna;Ek\n", "Anna", "{\"class-lists\":1", "[]\n", ANNA, &format!("{HEAD}{HEAD}"), &format!("{HEAD}\n")]
        {
            let torn = foreign == "{\"class-lists\":1";
            assert_eq!(read(&memory(foreign)).is_ok(), torn, "{foreign}");
        }
        let later = read(&memory("{\"class-lists\":2}\n")).unwrap_err();
        assert_eq!(later.kind, ErrorKind::Unsupported);
        let wrong = read(&memory(&format!("{HEAD}{ANNA}{{\"document\":\"/x\"}}\n"))).unwrap_err();
        assert_eq!(wrong.place.unwrap().line, Some(3));
    }

    #[test]
    fn what_is_written_anew_says_the_same_and_no_more() {
        let memory = memory(&format!(
            "{HEAD}{ANNA}{BO}{{\"remove\":{{\"class\":\"pupil\",\"key\":\"anna\"}}}}\n{{\"document\":\"a.csv\"}}\n\
             {{\"finished\":\"m\"}}\n"
        ));
        let (state, mut log) = read(&memory).unwrap();
        log.write(&state).unwrap();
        let text = String::from_utf8(memory.content(NAME).unwrap()).unwrap();
        assert!(!text.contains("anna"), "{text}");
        assert_eq!(read(&memory).unwrap().0, state);
        let folder = Folder::in_memory(&memory);
        assert!(Log::ends_with(&folder, NAME, "m").unwrap() && !Log::ends_with(&folder, NAME, "n").unwrap());
        log.append(&[effect(ANNA)]).unwrap();
        assert!(!Log::ends_with(&folder, NAME, "m").unwrap());
    }
}
