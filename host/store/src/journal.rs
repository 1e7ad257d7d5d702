//! The journal: every change of a plan, written before the first is sent, and taken out when its target has answered.

use crate::{Store, StoreError};
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};
use sluss_engine::change::Edit;
use sluss_engine::person::PersonId;
use sluss_engine::plan::{Action, Reason};
use sluss_engine::value::Attributes;

/// The order in which changes are carried out. What takes rights away comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Phase(pub i64);

impl Phase {
    /// Accounts are closed.
    pub const CLOSE: Phase = Phase(10);
    /// Members go, and licences.
    pub const LEAVE: Phase = Phase(20);
    /// Accounts are made: those whom others refer to before the others, each step deeper a phase later.
    pub const MAKE: Phase = Phase(100);
    /// Accounts change.
    pub const CHANGE: Phase = Phase(200);
    /// Accounts get licences: those that are given up for others before those others, each step a phase later.
    pub const LICENCE: Phase = Phase(210);
    /// References that had to wait for both ends.
    pub const REFER: Phase = Phase(250);
    /// References that follow from an object's new id. They stand until they are carried out, whatever becomes of the run.
    pub const FOLLOW: Phase = Phase(260);
    /// Groups are made.
    pub const GROUP: Phase = Phase(300);
    /// Groups change.
    pub const REGROUP: Phase = Phase(310);
    /// Members come.
    pub const JOIN: Phase = Phase(320);
    /// Accounts are removed.
    pub const REMOVE: Phase = Phase(400);
}

/// What a change does. Objects are named by the store's ids, and references are those of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// The object is made with these attributes.
    Create {
        /// The attributes.
        attributes: Attributes,
        /// For a group: the attribute of its members, and its first ones.
        members: Option<(String, Vec<u64>)>,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// The object's attributes change.
    Update {
        /// How.
        edits: Vec<(String, Edit)>,
        /// What people will call it afterwards.
        label: String,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// The object is removed.
    Remove {
        /// Why.
        reasons: Vec<Reason>,
    },
    /// Members of the group come or go.
    Members {
        /// The attribute that holds them.
        attribute: String,
        /// Who comes.
        add: Vec<u64>,
        /// Who goes.
        remove: Vec<u64>,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// The account gets licences, and loses others.
    Licences {
        /// The attribute that holds them.
        attribute: String,
        /// What comes.
        add: Vec<String>,
        /// What goes.
        remove: Vec<String>,
        /// Why.
        reasons: Vec<Reason>,
    },
}

impl Body {
    /// How much it says: values, members and licences.
    pub fn extent(&self) -> usize {
        match self {
            Body::Create { attributes, members, .. } => {
                let values = attributes.iter().map(|(_, values)| values.len().max(1));
                values.sum::<usize>() + members.as_ref().map_or(0, |(_, accounts)| accounts.len())
            }
            Body::Update { edits, .. } => {
                let values = edits.iter().map(|(_, edit)| match edit {
                    Edit::Add(values) | Edit::Remove(values) | Edit::Replace(values) => values.len().max(1),
                });
                values.sum()
            }
            Body::Members { add, remove, .. } => add.len() + remove.len(),
            Body::Licences { add, remove, .. } => add.len() + remove.len(),
            Body::Remove { .. } => 0,
        }
    }
}

/// So much the changes of a batch say together, or the last of them goes beyond it: whatever a batch says is in memory
/// several times while it is on its way.
const MOST_SAID: usize = 20_000;

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The change's number.
    pub id: u64,
    /// The target.
    pub target: String,
    /// When its turn comes.
    pub phase: Phase,
    /// The object, by the store's id.
    pub object: u64,
    /// What people call it.
    pub action: Action,
    /// Whose decision it carries out; none for groups.
    pub person: Option<PersonId>,
    /// What it does.
    pub body: Body,
}

const COLUMNS: &str = "id, target, phase, object, action, person, body";

impl Store {
    /// Enters a change. The entry's own number is ignored; the new one is returned.
    pub fn enter(&mut self, entry: &Entry) -> Result<u64, StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO change (target, phase, object, action, person, body) VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                entry.target,
                entry.phase.0,
                entry.object,
                entry.action.as_str(),
                entry.person.map(|person| person.0),
                postcard::to_stdvec(&entry.body)?
            ])?;
        Ok(self.connection.last_insert_rowid().cast_unsigned())
    }

    /// Puts other contents into a change that is not sent.
    pub fn rewrite(&mut self, id: u64, body: &Body) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE change SET body = ? WHERE id = ?")?
            .execute(params![postcard::to_stdvec(body)?, id])?;
        Ok(())
    }

    /// Gives a change that is not sent another turn.
    pub fn defer(&mut self, id: u64, phase: Phase) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE change SET phase = ? WHERE id = ?")?.execute(params![phase.0, id])?;
        Ok(())
    }

    /// A change by its number.
    pub fn entry(&self, id: u64) -> Result<Option<Entry>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM change WHERE id = ?"))?;
        let mut rows = statement.query([id])?;
        match rows.next()? {
            Some(row) => Ok(Some(entry(row)?)),
            None => Ok(None),
        }
    }

    /// Every change that is not sent, in order.
    pub fn each_planned(&self, each: impl FnMut(Entry) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.each(&planned(), each)
    }

    /// The same without those that make something.
    pub fn each_planned_of_present(&self, each: impl FnMut(Entry) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.each(
            &format!("SELECT {COLUMNS} FROM change WHERE state = 0 AND action <> 'create' ORDER BY target, phase, id"),
            each,
        )
    }

    /// How many objects are to be made in each target. They are not looked at one by one: of a first run, they are nearly
    /// all there is.
    pub fn planned_creates(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT target, count(*) FROM change WHERE state = 0 AND action = 'create' GROUP BY target",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn each(&self, sql: &str, mut each: impl FnMut(Entry) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(entry(row)?)?;
        }
        Ok(())
    }

    /// The next changes for a target: at most `limit`, and fewer where they say much; all of one phase, no two for one
    /// object.
    pub fn next_batch(&self, target: &str, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let mut statement = self.connection.prepare_cached(&upcoming())?;
        let mut rows = statement.query(params![target, limit])?;
        let mut batch: Vec<Entry> = Vec::new();
        let mut objects = std::collections::HashSet::new();
        let mut said = 0;
        while let Some(row) = rows.next()? {
            let entry = entry(row)?;
            let fits = batch.first().is_none_or(|first| first.phase == entry.phase) && objects.insert(entry.object);
            if !fits || said >= MOST_SAID {
                break;
            }
            said += entry.body.extent();
            batch.push(entry);
        }
        Ok(batch)
    }

    /// Marks changes as sent, from now on.
    pub fn sent(&mut self, ids: impl IntoIterator<Item = u64>) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached("UPDATE change SET state = 1 WHERE id = ?")?;
        for id in ids {
            statement.execute([id])?;
        }
        Ok(())
    }

    /// Marks a change as not sent after all.
    pub fn unsent(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE change SET state = 0 WHERE id = ?")?.execute([id])?;
        Ok(())
    }

    /// Takes a change out.
    pub fn strike(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM change WHERE id = ?")?.execute([id])?;
        Ok(())
    }

    /// The changes of which nobody knows what became of them.
    pub fn unanswered(&self) -> Result<Vec<Entry>, StoreError> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM change WHERE state = 1 ORDER BY id"))?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(entry(row)?);
        }
        Ok(found)
    }

    /// Takes out every change that was never sent (of one target, or of all) but those that follow from others, with the objects that it would have made.
    /// Returns how many. Whoever they were for is still awake, so nothing is forgotten.
    pub fn discard(&mut self, target: Option<&str>) -> Result<usize, StoreError> {
        self.connection.execute(
            "DELETE FROM object WHERE remote IS NULL AND id IN
             (SELECT object FROM change WHERE state = 0 AND phase <> 260 AND action = 'create' AND (?1 IS NULL OR target = ?1))",
            [target],
        )?;
        Ok(self
            .connection
            .execute("DELETE FROM change WHERE state = 0 AND phase <> 260 AND (?1 IS NULL OR target = ?1)", [target])?)
    }
}

fn planned() -> String {
    format!("SELECT {COLUMNS} FROM change WHERE state = 0 ORDER BY target, phase, id")
}

fn upcoming() -> String {
    format!("SELECT {COLUMNS} FROM change WHERE target = ? AND state = 0 ORDER BY phase, id LIMIT ?")
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let action: String = row.get(4)?;
    Ok(Entry {
        id: row.get(0)?,
        target: row.get(1)?,
        phase: Phase(row.get(2)?),
        object: row.get(3)?,
        action: match action.as_str() {
            "create" => Action::Create,
            "update" => Action::Update,
            "enable" => Action::Enable,
            "disable" => Action::Disable,
            "remove" => Action::Remove,
            "members" => Action::Members,
            "licences" => Action::Licences,
            other => return Err(StoreError::Content(format!("an action called {other}"))),
        },
        person: row.get::<_, Option<u64>>(5)?.map(PersonId),
        body: postcard::from_bytes(row.get_ref(6)?.as_blob().map_err(rusqlite::Error::from)?)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{planned, upcoming};
    use crate::Store;
    use rusqlite::types::Null;
    use tempfile::TempDir;

    /// A plan holds everybody's attributes once: sorted in memory, it would take as much as the population does.
    #[test]
    fn a_plan_is_read_in_its_order_without_being_sorted() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("state.db")).unwrap();
        for (sql, values) in [(planned(), 0), (upcoming(), 2)] {
            let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = statement.query_map(rusqlite::params_from_iter(vec![Null; values]), |row| row.get(3)).unwrap();
            let steps: Vec<String> = steps.map(Result::unwrap).collect();
            assert!(steps.iter().all(|step| step.contains("USING INDEX change_order")), "{steps:?}");
        }
    }
}
