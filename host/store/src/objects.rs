//! The objects that Sluss made or adopted in targets, as last seen there, and who is a member of what.

use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, Row, params};
use sluss_engine::person::PersonId;
use sluss_engine::value::Attributes;

/// An object as the store knows it. References in its attributes are those of `sluss_engine::account::AccountRef`.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The store's own id.
    pub id: u64,
    /// The target.
    pub target: String,
    /// The target's class.
    pub class: String,
    /// The account or group rule that it is there for.
    pub rule: String,
    /// Whose account it is.
    pub person: Option<PersonId>,
    /// Which of a rule's groups it is.
    pub key: Option<String>,
    /// The attribute that holds a group's members.
    pub member: Option<String>,
    /// What people call it.
    pub label: String,
    /// The target's id; none until the target has answered.
    pub remote: Option<String>,
    /// The target's version.
    pub version: Option<String>,
    /// The attributes that Sluss manages, without members and licences.
    pub attributes: Attributes,
    /// What the target computed beyond what was written.
    pub computed: Attributes,
    /// The day on which it was closed, if it is.
    pub closed: Option<i32>,
}

/// An object about to be made.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// The target.
    pub target: &'a str,
    /// The target's class.
    pub class: &'a str,
    /// The rule.
    pub rule: &'a str,
    /// Whose account.
    pub person: Option<PersonId>,
    /// Which group, and the attribute that will hold its members.
    pub group: Option<(&'a str, &'a str)>,
    /// What people will call it.
    pub label: &'a str,
}

/// Where the objects of a rule are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled {
    /// The rule.
    pub rule: String,
    /// The target.
    pub target: String,
    /// The target's class.
    pub class: String,
    /// The attribute that holds members, for groups.
    pub member: Option<String>,
}

const COLUMNS: &str =
    "id, target, class, rule, person, key, member, label, remote, version, attributes, closed, computed";

impl Store {
    /// A person's account under a rule.
    pub fn account(&self, person: PersonId, rule: &str) -> Result<Option<Known>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM object WHERE person = ? AND rule = ?"), params![person.0, rule])
    }

    /// A person's account under a rule: the store's id, and whether it is there.
    pub fn account_at(&self, person: PersonId, rule: &str) -> Result<Option<(u64, bool)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, remote IS NOT NULL FROM object WHERE person = ? AND rule = ?")?;
        Ok(statement.query_row(params![person.0, rule], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// The target's id of a person's account under a rule, if it is there.
    pub fn account_remote(&self, person: PersonId, rule: &str) -> Result<Option<String>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT remote FROM object WHERE person = ? AND rule = ?")?;
        let found: Option<Option<String>> =
            statement.query_row(params![person.0, rule], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }

    /// Every account of a person.
    pub fn accounts_of(&self, person: PersonId) -> Result<Vec<Known>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM object WHERE person = ? ORDER BY target, rule"))?;
        let mut rows = statement.query([person.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(known(row)?);
        }
        Ok(found)
    }

    /// A rule's group with a key.
    pub fn group(&self, rule: &str, key: &str) -> Result<Option<Known>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM object WHERE rule = ? AND key = ?"), params![rule, key])
    }

    /// The object with the store's id.
    pub fn object(&self, id: u64) -> Result<Option<Known>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM object WHERE id = ?"), params![id])
    }

    /// The object with a target's id.
    pub fn object_at(&self, target: &str, remote: &str) -> Result<Option<Known>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM object WHERE target = ? AND remote = ?"), params![target, remote])
    }

    /// The store's id of the object with a target's id, and whose account it is.
    pub fn at(&self, target: &str, remote: &str) -> Result<Option<(u64, Option<PersonId>)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, person FROM object WHERE target = ? AND remote = ?")?;
        Ok(statement
            .query_row([target, remote], |row| Ok((row.get(0)?, row.get::<_, Option<u64>>(1)?.map(PersonId))))
            .optional()?)
    }

    /// Whose account the object with a target's id is, and the rule that it is there for.
    pub fn owner_at(&self, target: &str, remote: &str) -> Result<Option<(PersonId, String)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT person, rule FROM object WHERE target = ? AND remote = ? AND person IS NOT NULL")?;
        Ok(statement.query_row([target, remote], |row| Ok((PersonId(row.get(0)?), row.get(1)?))).optional()?)
    }

    /// The objects that people call so.
    pub fn labelled(&self, label: &str) -> Result<Vec<Known>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM object WHERE label = ?1 COLLATE NOCASE OR remote = ?1"))?;
        let mut rows = statement.query([label])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(known(row)?);
        }
        Ok(found)
    }

    /// The target's id and the label of an object.
    pub fn remote(&self, id: u64) -> Result<Option<(Option<String>, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT remote, label FROM object WHERE id = ?")?;
        Ok(statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// What an object is called wherever people read it: its label, or, where nothing of the person may be shown, only
    /// that it is a protected person's.
    pub fn called(&self, id: u64) -> Result<String, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT CASE WHEN person.protected THEN 'protected person ' || person.id ELSE label END
             FROM object LEFT JOIN person ON person.id = object.person WHERE object.id = ?",
        )?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?.unwrap_or_default())
    }

    /// The ids of every object of a target that the target has answered for, told from the index alone.
    pub fn present(&self, target: &str) -> Result<Vec<u64>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id FROM object INDEXED BY object_remote WHERE target = ? AND remote IS NOT NULL")?;
        let mut ids: Vec<u64> = statement.query_map([target], |row| row.get(0))?.collect::<Result<_, _>>()?;
        ids.sort_unstable();
        Ok(ids)
    }

    /// Makes room for an object that is about to be made.
    pub fn draft(&mut self, draft: &Draft<'_>) -> Result<u64, StoreError> {
        let nothing = postcard::to_stdvec(&Attributes::new())?;
        self.connection
            .prepare_cached(
                "INSERT INTO object (target, class, rule, person, key, member, label, attributes)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                draft.target,
                draft.class,
                draft.rule,
                draft.person.map(|person| person.0),
                draft.group.map(|(key, _)| key),
                draft.group.map(|(_, member)| member),
                draft.label,
                nothing
            ])?;
        Ok(self.connection.last_insert_rowid().cast_unsigned())
    }

    /// Notes how an object is now.
    pub fn observed(
        &mut self,
        id: u64,
        remote: &str,
        version: Option<&str>,
        attributes: &Attributes,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE object SET remote = ?, version = ?, attributes = ? WHERE id = ?")?
            .execute(params![remote, version, postcard::to_stdvec(attributes)?, id])?;
        Ok(())
    }

    /// Notes what the target computed of an object.
    pub fn compute(&mut self, id: u64, computed: &Attributes) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE object SET computed = ? WHERE id = ?")?
            .execute(params![postcard::to_stdvec(computed)?, id])?;
        Ok(())
    }

    /// Notes that an account is closed since a day, or open.
    pub fn close(&mut self, id: u64, since: Option<i32>) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE object SET closed = CASE WHEN ?1 IS NULL THEN NULL ELSE coalesce(closed, ?1) END WHERE id = ?2",
            )?
            .execute(params![since, id])?;
        Ok(())
    }

    /// Forgets an object's version: whatever it is now, the next change is made.
    pub fn unversion(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE object SET version = NULL WHERE id = ?")?.execute([id])?;
        Ok(())
    }

    /// Gives an object to another rule: the policy calls it otherwise now.
    pub fn give(&mut self, id: u64, rule: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE object SET rule = ? WHERE id = ?")?.execute(params![rule, id])?;
        Ok(())
    }

    /// Every rule that has objects, and where they are.
    pub fn rules(&self) -> Result<Vec<Ruled>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT DISTINCT rule, target, class, member FROM object")?;
        let rows = statement.query_map([], |row| {
            Ok(Ruled { rule: row.get(0)?, target: row.get(1)?, class: row.get(2)?, member: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes what people call an object from now on.
    pub fn relabel(&mut self, id: u64, label: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE object SET label = ?1 WHERE id = ?2 AND label <> ?1")?
            .execute(params![label, id])?;
        Ok(())
    }

    /// Forgets an object that is not there, and its memberships.
    pub fn forget(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM member WHERE account = ?")?.execute([id])?;
        self.connection.prepare_cached("DELETE FROM member WHERE grp = ?")?.execute([id])?;
        self.connection.prepare_cached("DELETE FROM object WHERE id = ?")?.execute([id])?;
        self.drop_licences(id)?;
        // The number may be given to another account, which is to have another password.
        self.drop_salt(id)
    }

    /// Has a group looked at in the next plan, although no person changed.
    pub fn soil(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE object SET dirty = 1 WHERE id = ? AND dirty = 0")?.execute([id])?;
        Ok(())
    }

    /// Has every group looked at in the next plan.
    pub fn soil_groups(&mut self) -> Result<(), StoreError> {
        self.connection.execute("UPDATE object SET dirty = 1 WHERE key IS NOT NULL", [])?;
        Ok(())
    }

    /// Whether a group is to be looked at.
    pub fn is_dirty(&self, id: u64) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT dirty FROM object WHERE id = ?")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// The groups to look at.
    pub fn dirty(&self) -> Result<Vec<Known>, StoreError> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM object WHERE dirty = 1 ORDER BY id"))?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(known(row)?);
        }
        Ok(found)
    }

    /// The group was looked at.
    pub fn clean(&mut self, id: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE object SET dirty = 0 WHERE id = ?")?.execute([id])?;
        Ok(())
    }

    /// The groups that an account is a member of.
    pub fn groups_of(&self, account: u64) -> Result<Vec<u64>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT grp FROM member WHERE account = ?")?;
        let rows = statement.query_map([account], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The accounts that are members of a group.
    pub fn members_of(&self, group: u64) -> Result<Vec<u64>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT account FROM member WHERE grp = ?")?;
        let rows = statement.query_map([group], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether an account is a member.
    pub fn is_member(&self, account: u64, group: u64) -> Result<bool, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM member WHERE account = ? AND grp = ?)")?;
        Ok(statement.query_row([account, group], |row| row.get(0))?)
    }

    /// Notes that an account is a member.
    pub fn join(&mut self, account: u64, group: u64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO member (account, grp) VALUES (?, ?)")?
            .execute([account, group])?;
        Ok(())
    }

    /// Notes that an account is no longer a member.
    pub fn leave(&mut self, account: u64, group: u64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM member WHERE account = ? AND grp = ?")?
            .execute([account, group])?;
        Ok(())
    }

    /// How many objects of a class a target has answered for.
    pub fn present_of(&self, target: &str, class: &str) -> Result<u64, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT count(*) FROM object WHERE target = ? AND class = ? AND remote IS NOT NULL")?;
        Ok(statement.query_row([target, class], |row| row.get(0))?)
    }

    /// How many accounts and groups a target has. Told from the indexes: the objects themselves are most of the file.
    pub fn population(&self, target: &str) -> Result<[u64; 2], StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM object INDEXED BY object_remote WHERE target = ? AND remote IS NOT NULL",
        )?;
        let all: u64 = statement.query_row([target], |row| row.get(0))?;
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM object INDEXED BY object_key WHERE key IS NOT NULL AND target = ? AND remote IS NOT NULL",
        )?;
        let groups: u64 = statement.query_row([target], |row| row.get(0))?;
        Ok([all - groups, groups])
    }

    /// How many memberships a target has.
    pub fn memberships(&self, target: &str) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(sum((SELECT count(*) FROM member WHERE grp = object.id)), 0)
             FROM object INDEXED BY object_key WHERE key IS NOT NULL AND target = ?",
        )?;
        Ok(statement.query_row([target], |row| row.get(0))?)
    }

    fn one(&self, sql: &str, params: impl rusqlite::Params) -> Result<Option<Known>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        match rows.next()? {
            Some(row) => Ok(Some(known(row)?)),
            None => Ok(None),
        }
    }
}

fn known(row: &Row<'_>) -> Result<Known, StoreError> {
    Ok(Known {
        id: row.get(0)?,
        target: row.get(1)?,
        class: row.get(2)?,
        rule: row.get(3)?,
        person: row.get::<_, Option<u64>>(4)?.map(PersonId),
        key: row.get(5)?,
        member: row.get(6)?,
        label: row.get(7)?,
        remote: row.get(8)?,
        version: row.get(9)?,
        attributes: postcard::from_bytes(row.get_ref(10)?.as_blob().map_err(rusqlite::Error::from)?)?,
        closed: row.get(11)?,
        computed: match row.get_ref(12)?.as_blob_or_null().map_err(rusqlite::Error::from)? {
            Some(computed) => postcard::from_bytes(computed)?,
            None => Attributes::new(),
        },
    })
}
