//! What is to be told to people, and the mails that tell it: entered with the change that they tell of, marked before
//! they are sent and when they were taken, so that nothing is told twice and nothing is forgotten.

use crate::{Store, StoreError};
use rusqlite::{Row, params};
use sluss_engine::person::PersonId;

/// Something that became of an account, to be told by one message rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its number; ignored when it is entered.
    pub id: u64,
    /// The message rule.
    pub message: String,
    /// What became of the account, in the policy's word.
    pub event: String,
    /// Whose account.
    pub person: PersonId,
    /// The account rule.
    pub account: String,
    /// When it became so or, of an account that ends, its last day.
    pub day: i32,
    /// The day of the run that found it.
    pub entered: i32,
    /// How often nobody could be found to tell it to.
    pub tries: u32,
}

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// It is to be sent.
    Waiting,
    /// Its contents may be on their way.
    Sending,
    /// Nobody knows whether it arrived.
    Doubtful,
    /// The server does not take it.
    Refused,
    /// The server took it.
    Sent,
}

impl MailState {
    fn as_str(self) -> &'static str {
        match self {
            MailState::Waiting => "waiting",
            MailState::Sending => "sending",
            MailState::Doubtful => "doubtful",
            MailState::Refused => "refused",
            MailState::Sent => "sent",
        }
    }
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its number.
    pub id: u64,
    /// The message rule.
    pub message: String,
    /// The address that it goes to.
    pub recipient: String,
    /// The manager whose address it is.
    pub reader: Option<PersonId>,
    /// The word for its language.
    pub language: String,
    /// Its Message-ID, which stays the same however often it is sent.
    pub name: String,
    /// How often it was put off or refused.
    pub tries: u32,
}

/// A mail about to be written.
#[derive(Debug, Clone, Copy)]
pub struct MailDraft<'a> {
    /// The message rule.
    pub message: &'a str,
    /// The address that it goes to.
    pub recipient: &'a str,
    /// The manager whose address it is.
    pub reader: Option<PersonId>,
    /// The word for its language.
    pub language: &'a str,
    /// Its Message-ID.
    pub name: &'a str,
    /// The day of the run.
    pub day: i32,
    /// How often what it tells was refused before.
    pub tries: u32,
}

/// How many mails there are, and what waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Post {
    /// Mails that are to be sent.
    pub waiting: u64,
    /// Mails that were sent, as far back as is remembered.
    pub sent: u64,
    /// Mails that wait for somebody: the server refused them, or nobody knows whether they arrived.
    pub stuck: u64,
    /// What is in no mail yet.
    pub untold: u64,
}

const EVENT: &str = "id, message, event, person, account, day, entered, tries";
const MAIL: &str = "id, message, recipient, reader, language, name, tries";

impl Store {
    /// Enters something that is to be told. What was entered before is not entered again. Whether it is new.
    pub fn tell(&mut self, told: &Told) -> Result<bool, StoreError> {
        let Told { message, event, person, account, day, entered, .. } = told;
        let new = self
            .connection
            .prepare_cached(
                "INSERT INTO event (message, event, person, account, day, entered) VALUES (?, ?, ?, ?, ?, ?)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![message, event, person.0, account, day, entered])?;
        Ok(new > 0)
    }

    /// What is to be put into mails on `day`, in the order in which it was entered.
    pub fn untold(&self, day: i32) -> Result<Vec<Told>, StoreError> {
        self.events(&format!("SELECT {EVENT} FROM event WHERE retry <= ? ORDER BY id"), day)
    }

    /// What a mail tells.
    pub fn told_by(&self, mail: u64) -> Result<Vec<Told>, StoreError> {
        let these = "SELECT told.event FROM told WHERE mail = ?";
        self.events(&format!("SELECT {EVENT} FROM event WHERE id IN ({these}) ORDER BY id"), mail)
    }

    /// Nobody could be found to tell it to: again on `day`.
    pub fn retell(&mut self, event: u64, day: i32) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE event SET tries = tries + 1, retry = ? WHERE id = ?")?
            .execute(params![day, event])?;
        Ok(())
    }

    /// Puts it into mails in the next run, whatever was tried before.
    pub fn tell_again(&mut self, event: u64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE event SET retry = 0 WHERE id = ? AND retry IS NOT NULL")?
            .execute([event])?;
        Ok(())
    }

    /// It is in every mail that shall tell it, or nobody is to be told.
    pub fn tell_no_more(&mut self, event: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE event SET retry = NULL WHERE id = ?")?.execute([event])?;
        Ok(())
    }

    /// Writes a mail that tells of these. Returns its number.
    pub fn write_mail(&mut self, draft: &MailDraft<'_>, events: &[u64]) -> Result<u64, StoreError> {
        let MailDraft { message, recipient, reader, language, name, day, tries } = draft;
        self.connection
            .prepare_cached(
                "INSERT INTO mail (message, recipient, reader, language, name, state, day, tries)
                 VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)",
            )?
            .execute(params![message, recipient, reader.map(|reader| reader.0), language, name, day, tries])?;
        let mail = self.connection.last_insert_rowid().cast_unsigned();
        let mut statement = self.connection.prepare_cached("INSERT INTO told (event, mail) VALUES (?, ?)")?;
        for event in events {
            statement.execute([*event, mail])?;
        }
        Ok(mail)
    }

    /// Whether a mail to this address tells of an event already.
    pub fn is_told(&self, event: u64, recipient: &str) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM told JOIN mail ON mail.id = told.mail
             WHERE event = ? AND recipient = ? COLLATE NOCASE)",
        )?;
        Ok(statement.query_row(params![event, recipient], |row| row.get(0))?)
    }

    /// The mails in a state whose day has come; those that were tried least come first.
    pub fn mails(&self, state: MailState, day: i32) -> Result<Vec<Mail>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {MAIL} FROM mail WHERE state = ? AND retry <= ? ORDER BY tries, id"))?;
        let rows = statement.query_map(params![state.as_str(), day], mail)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes where a mail stands.
    pub fn set_mail(&mut self, id: u64, state: MailState) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE mail SET state = ? WHERE id = ?")?
            .execute(params![state.as_str(), id])?;
        Ok(())
    }

    /// A mail was put off or refused: again on `day`.
    pub fn put_off_mail(&mut self, id: u64, state: MailState, day: i32) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE mail SET state = ?, tries = tries + 1, retry = ? WHERE id = ?")?
            .execute(params![state.as_str(), day, id])?;
        Ok(())
    }

    /// Has the next run send a mail that waits for its day or for somebody; one that was refused is written anew.
    pub fn free_mail(&mut self, id: u64) -> Result<(), StoreError> {
        let freed = self
            .connection
            .prepare_cached(
                "UPDATE mail SET state = 'waiting', retry = 0 WHERE id = ? AND state IN ('waiting', 'doubtful')",
            )?
            .execute([id])?;
        if freed == 0 { self.take_mail_back(id) } else { Ok(()) }
    }

    /// Takes a mail back that the server does not take: what it tells is to be put into another one.
    pub fn take_mail_back(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE event SET retry = 0, tries = mail.tries FROM told JOIN mail ON mail.id = told.mail
                 WHERE event.id = told.event AND mail.id = ? AND mail.state <> 'sent'",
            )?
            .execute([id])?;
        self.connection
            .prepare_cached("DELETE FROM told WHERE mail IN (SELECT id FROM mail WHERE id = ? AND state <> 'sent')")?
            .execute([id])?;
        self.connection.prepare_cached("DELETE FROM mail WHERE id = ? AND state <> 'sent'")?.execute([id])?;
        Ok(())
    }

    /// Throws a mail away. What it tells is not told to its reader.
    pub fn drop_mail(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM told WHERE mail = ?")?.execute([id])?;
        self.connection.prepare_cached("DELETE FROM mail WHERE id = ?")?.execute([id])?;
        Ok(())
    }

    /// Forgets what was told before a day.
    pub fn forget_told(&mut self, before: i32) -> Result<(), StoreError> {
        let old = "SELECT id FROM mail WHERE state = 'sent' AND day < ?";
        self.connection.execute(&format!("DELETE FROM told WHERE mail IN ({old})"), [before])?;
        self.connection.execute("DELETE FROM mail WHERE state = 'sent' AND day < ?", [before])?;
        self.connection.execute(
            "DELETE FROM event WHERE retry IS NULL AND day < ?1 AND entered < ?1
             AND NOT EXISTS (SELECT 1 FROM told WHERE told.event = event.id)",
            [before],
        )?;
        Ok(())
    }

    /// How many mails there are, and what waits for one.
    pub fn post(&self) -> Result<Post, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(sum(state IN ('waiting', 'sending')), 0), coalesce(sum(state = 'sent'), 0),
                    coalesce(sum(state IN ('doubtful', 'refused')), 0),
                    (SELECT count(*) FROM event WHERE retry IS NOT NULL)
             FROM mail",
        )?;
        Ok(statement.query_row([], |row| {
            Ok(Post { waiting: row.get(0)?, sent: row.get(1)?, stuck: row.get(2)?, untold: row.get(3)? })
        })?)
    }

    /// What tells this state's mails from those of any other: made once, and kept.
    pub fn seal(&mut self) -> Result<String, StoreError> {
        if let Some(seal) = self.setting(SEAL)? {
            return Ok(seal);
        }
        let seal: String = self.connection.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
        self.set(SEAL, &seal)?;
        Ok(seal)
    }

    fn events(&self, sql: &str, parameter: impl rusqlite::ToSql) -> Result<Vec<Told>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([parameter], |row| {
            Ok(Told {
                id: row.get(0)?,
                message: row.get(1)?,
                event: row.get(2)?,
                person: PersonId(row.get(3)?),
                account: row.get(4)?,
                day: row.get(5)?,
                entered: row.get(6)?,
                tries: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The store's setting that holds the seal.
const SEAL: &str = "seal";

fn mail(row: &Row<'_>) -> rusqlite::Result<Mail> {
    Ok(Mail {
        id: row.get(0)?,
        message: row.get(1)?,
        recipient: row.get(2)?,
        reader: row.get::<_, Option<u64>>(3)?.map(PersonId),
        language: row.get(4)?,
        name: row.get(5)?,
        tries: row.get(6)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{MailDraft, MailState, Post, Told};
    use crate::Store;
    use sluss_engine::person::PersonId;
    use tempfile::TempDir;

    fn store() -> (TempDir, Store) {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("state.db")).unwrap();
        (folder, store)
    }

    fn told(person: u64, day: i32) -> Told {
        Told {
            id: 0,
            message: "new".to_owned(),
            event: "account-created".to_owned(),
            person: PersonId(person),
            account: "directory".to_owned(),
            day,
            entered: day,
            tries: 0,
        }
    }

    fn draft<'a>(recipient: &'a str, name: &'a str) -> MailDraft<'a> {
        MailDraft { message: "new", recipient, reader: Some(PersonId(9)), language: "sv", name, day: 100, tries: 0 }
    }

    #[test]
    fn what_is_entered_twice_is_there_once() {
        let (_folder, mut store) = store();
        assert!(store.tell(&told(1, 100)).unwrap());
        assert!(!store.tell(&told(1, 100)).unwrap());
        assert!(store.tell(&told(1, 101)).unwrap());
        let untold = store.untold(0).unwrap();
        assert_eq!(untold.iter().map(|told| told.day).collect::<Vec<_>>(), [100, 101]);
        store.tell_no_more(untold[0].id).unwrap();
        store.retell(untold[1].id, 105).unwrap();
        assert!(!store.tell(&told(1, 100)).unwrap(), "also when it was told");
        assert_eq!(store.untold(104).unwrap(), []);
        assert_eq!(store.untold(105).unwrap()[0].tries, 1);
    }

    #[test]
    fn a_mail_is_sent_once_and_one_that_is_refused_is_written_anew() {
        let (_folder, mut store) = store();
        store.tell(&told(1, 100)).unwrap();
        store.tell(&told(2, 100)).unwrap();
        let events: Vec<u64> = store.untold(0).unwrap().iter().map(|told| told.id).collect();
        let (one, two) = (
            store.write_mail(&draft("Eva@x.test", "<1@x>"), &events).unwrap(),
            store.write_mail(&draft("bo@x.test", "<2@x>"), &events[..1]).unwrap(),
        );
        events.iter().try_for_each(|event| store.tell_no_more(*event)).unwrap();
        assert!(store.is_told(events[1], "eva@X.test").unwrap());
        assert!(!store.is_told(events[1], "bo@x.test").unwrap());
        assert_eq!(store.told_by(one).unwrap().len(), 2);
        assert_eq!(store.mails(MailState::Waiting, 0).unwrap().len(), 2);
        store.set_mail(one, MailState::Sending).unwrap();
        assert_eq!(store.mails(MailState::Sending, 0).unwrap()[0].name, "<1@x>");
        store.set_mail(one, MailState::Sent).unwrap();
        store.free_mail(one).unwrap();
        assert_eq!(store.mails(MailState::Sent, 0).unwrap().len(), 1, "what was sent is not sent again");
        store.put_off_mail(two, MailState::Refused, 101).unwrap();
        assert_eq!(store.mails(MailState::Refused, 100).unwrap(), []);
        assert_eq!(store.mails(MailState::Refused, 101).unwrap()[0].tries, 1);
        assert_eq!(store.post().unwrap(), Post { waiting: 0, sent: 1, stuck: 1, untold: 0 });
        store.take_mail_back(two).unwrap();
        let again = store.untold(0).unwrap();
        assert_eq!((again.len(), again[0].tries), (1, 1));
        assert!(store.is_told(events[0], "eva@x.test").unwrap(), "whoever was told is not told again");
    }

    #[test]
    fn what_was_told_long_ago_is_forgotten_and_what_was_not_is_kept() {
        let (_folder, mut store) = store();
        for person in 1..=3 {
            store.tell(&told(person, 100)).unwrap();
        }
        let events: Vec<u64> = store.untold(0).unwrap().iter().map(|told| told.id).collect();
        let sent = store.write_mail(&draft("a@x.test", "<1@x>"), &events[..1]).unwrap();
        store.write_mail(&draft("b@x.test", "<2@x>"), &events[1..2]).unwrap();
        events[..2].iter().try_for_each(|event| store.tell_no_more(*event)).unwrap();
        store.set_mail(sent, MailState::Sent).unwrap();
        store.forget_told(100).unwrap();
        assert_eq!(store.post().unwrap(), Post { waiting: 1, sent: 1, stuck: 0, untold: 1 });
        store.forget_told(101).unwrap();
        assert_eq!(store.post().unwrap(), Post { waiting: 1, sent: 0, stuck: 0, untold: 1 });
        assert!(store.tell(&told(1, 100)).unwrap(), "the first is forgotten");
        assert!(!store.tell(&told(2, 100)).unwrap());
    }

    #[test]
    fn each_state_has_a_seal_of_its_own() {
        let ((_one, mut first), (_two, mut second)) = (store(), store());
        let seal = first.seal().unwrap();
        assert_eq!((seal.len(), first.seal().unwrap() == seal, second.seal().unwrap() == seal), (32, true, false));
    }
}
