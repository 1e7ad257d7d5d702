//! What registers answered, and how old that is.

use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};
use sluss_engine::person::PersonId;
use sluss_engine::policy::MatchKey;
use sluss_engine::value::Attributes;

/// What a register said of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The register.
    pub register: String,
    /// The number that was asked about.
    pub number: String,
    /// The day on which it was asked.
    pub asked: i32,
    /// What it said; none if it does not know the number.
    pub attributes: Option<Attributes>,
}

impl Store {
    /// Keeps an answer. Whether it is another than before.
    pub fn answered(&mut self, answer: &Answer) -> Result<bool, StoreError> {
        let Answer { register, number, asked, attributes } = answer;
        let packed = attributes.as_ref().map(postcard::to_stdvec).transpose()?;
        let mut statement =
            self.connection.prepare_cached("SELECT attributes FROM answer WHERE register = ? AND number = ?")?;
        let before: Option<Option<Vec<u8>>> = statement.query_row([register, number], |row| row.get(0)).optional()?;
        drop(statement);
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO answer (register, number, asked, attributes) VALUES (?, ?, ?, ?)")?
            .execute(params![register, number, asked, packed])?;
        Ok(before.as_ref() != Some(&packed))
    }

    /// Whether a register was asked about a number.
    pub fn is_answered(&self, register: &str, number: &str) -> Result<bool, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM answer WHERE register = ? AND number = ? AND asked > 0)")?;
        Ok(statement.query_row([register, number], |row| row.get(0))?)
    }

    /// Notes that a register has yet to answer about a number: it is the first to be asked about next time.
    pub fn owe(&mut self, register: &str, number: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO answer (register, number, asked) VALUES (?, ?, 0)")?
            .execute([register, number])?;
        Ok(())
    }

    /// Notes that a register was asked again about a number that it told something of before, and no longer knows it.
    /// What it said stands. False if it never said anything.
    pub fn forgotten(&mut self, register: &str, number: &str, day: i32) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE answer SET asked = ? WHERE register = ? AND number = ? AND attributes IS NOT NULL",
        )?;
        Ok(statement.execute(params![day, register, number])? > 0)
    }

    /// Has a register asked again about everybody. What it said stands until it answers.
    pub fn outdate_answers(&mut self, register: &str) -> Result<(), StoreError> {
        self.connection.execute("UPDATE answer SET asked = 0 WHERE register = ?", [register])?;
        Ok(())
    }

    /// Everything that registers know of a person, whatever number they were asked about.
    pub fn answers_of(&self, person: PersonId) -> Result<Vec<Answer>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT answer.register, answer.number, answer.asked, answer.attributes
             FROM person_key CROSS JOIN answer ON answer.number = person_key.value
             WHERE person_key.person = ? AND person_key.kind = ? ORDER BY answer.register, answer.number",
        )?;
        let mut rows = statement.query(params![person.0, MatchKey::IdentityNumber.word()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// Numbers that a register was last asked about on `day` or before, the oldest answers first.
    pub fn stale_answers(&self, register: &str, day: i32, limit: usize) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT number FROM answer WHERE register = ? AND asked <= ? ORDER BY asked LIMIT ?")?;
        let rows = statement.query_map(params![register, day, limit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets what other registers than these answered, and has everybody decided again whom that was about.
    pub fn keep_answers_of(&mut self, registers: &[&str]) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT DISTINCT register FROM answer")?;
        let known: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(statement);
        for register in known.iter().filter(|known| !registers.contains(&known.as_str())) {
            self.connection.execute(
                "UPDATE person SET wake = 0 WHERE id IN (SELECT person_key.person FROM answer
                 JOIN person_key ON person_key.kind = ? AND person_key.value = answer.number WHERE answer.register = ?)",
                [MatchKey::IdentityNumber.word(), register],
            )?;
            self.connection.execute("DELETE FROM answer WHERE register = ?", [register])?;
            self.connection.execute("DELETE FROM setting WHERE name = 'place of ' || ?", [register])?;
        }
        Ok(())
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<Answer, StoreError> {
    let packed = row.get_ref(3)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    Ok(Answer {
        register: row.get(0)?,
        number: row.get(1)?,
        asked: row.get(2)?,
        attributes: packed.map(postcard::from_bytes).transpose()?,
    })
}
