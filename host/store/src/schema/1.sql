-- Days are counted from 1970-01-01; a day that never comes is 2147483647.

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The column names of records, which many records share.
CREATE TABLE shape (id INTEGER PRIMARY KEY, columns TEXT NOT NULL UNIQUE);

CREATE TABLE record (
  id          INTEGER PRIMARY KEY,
  source      TEXT NOT NULL,
  class       TEXT NOT NULL,
  record      TEXT NOT NULL,
  shape       INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  cells       BLOB NOT NULL,
  person      INTEGER,
  gone        INTEGER,
  UNIQUE (source, class, record)
);
CREATE INDEX record_person ON record (person) WHERE person IS NOT NULL;

-- What the last read of a source gave, as one set of fingerprints, each with the row of its record.
CREATE TABLE scan (
  source       TEXT NOT NULL,
  class        TEXT NOT NULL,
  version      TEXT,
  reader       TEXT NOT NULL,
  day          INTEGER NOT NULL,
  fingerprints BLOB NOT NULL,
  PRIMARY KEY (source, class)
) WITHOUT ROWID;

-- wake: the day on which to decide again; next: the day it becomes once everything decided is done.
-- protected: whether nothing of the person may be shown, as of the last decision.
CREATE TABLE person (
  id        INTEGER PRIMARY KEY,
  wake      INTEGER NOT NULL,
  next      INTEGER NOT NULL,
  stage     TEXT NOT NULL,
  manager   INTEGER,
  protected INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX person_wake ON person (wake);
CREATE INDEX person_manager ON person (manager) WHERE manager IS NOT NULL;

CREATE TABLE person_key (
  kind   TEXT NOT NULL,
  value  TEXT NOT NULL,
  person INTEGER NOT NULL,
  PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE INDEX person_key_person ON person_key (person);

-- state: held | retired | foreign. Nothing is ever deleted here.
CREATE TABLE name (
  kind   TEXT NOT NULL,
  folded TEXT NOT NULL,
  name   TEXT NOT NULL,
  person INTEGER,
  state  TEXT NOT NULL,
  renew  TEXT NOT NULL,
  PRIMARY KEY (kind, folded)
) WITHOUT ROWID;
CREATE INDEX name_person ON name (person) WHERE person IS NOT NULL;

-- An object of a target that Sluss made or adopted. remote is null until the target has answered; member is the
-- attribute that holds a group's members.
CREATE TABLE object (
  id         INTEGER PRIMARY KEY,
  target     TEXT NOT NULL,
  class      TEXT NOT NULL,
  rule       TEXT NOT NULL,
  person     INTEGER,
  key        TEXT,
  member     TEXT,
  label      TEXT NOT NULL,
  remote     TEXT,
  version    TEXT,
  attributes BLOB NOT NULL,
  closed     INTEGER,
  dirty      INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX object_remote ON object (target, remote) WHERE remote IS NOT NULL;
CREATE UNIQUE INDEX object_person ON object (person, rule) WHERE person IS NOT NULL;
CREATE UNIQUE INDEX object_key ON object (rule, key) WHERE key IS NOT NULL;
CREATE INDEX object_dirty ON object (id) WHERE dirty = 1;

CREATE TABLE member (
  account INTEGER NOT NULL,
  grp     INTEGER NOT NULL,
  PRIMARY KEY (account, grp)
) WITHOUT ROWID;
CREATE INDEX member_grp ON member (grp, account);

-- Whose decision waits for somebody else's account.
CREATE TABLE waiting (
  awaited INTEGER NOT NULL,
  person  INTEGER NOT NULL,
  PRIMARY KEY (awaited, person)
) WITHOUT ROWID;

-- Whose decision waits for somebody who is not known yet.
CREATE TABLE unknown (
  kind   TEXT NOT NULL,
  value  TEXT NOT NULL,
  person INTEGER NOT NULL,
  PRIMARY KEY (kind, value, person)
) WITHOUT ROWID;

-- The journal. state: 0 planned, 1 sent. What is settled is taken out.
CREATE TABLE change (
  id     INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  phase  INTEGER NOT NULL,
  object INTEGER NOT NULL,
  action TEXT NOT NULL,
  person INTEGER,
  body   BLOB NOT NULL,
  state  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX change_order ON change (target, state, phase, id);

CREATE TABLE parked (
  scope   TEXT NOT NULL,
  id      TEXT NOT NULL,
  since   TEXT NOT NULL,
  tries   INTEGER NOT NULL,
  retry   INTEGER NOT NULL,
  finding TEXT NOT NULL,
  PRIMARY KEY (scope, id)
) WITHOUT ROWID;

CREATE TABLE run (
  id      INTEGER PRIMARY KEY,
  kind    TEXT NOT NULL,
  day     TEXT NOT NULL,
  started TEXT NOT NULL,
  ended   TEXT,
  result  TEXT,
  counts  TEXT
);

CREATE TABLE held (
  hash  TEXT PRIMARY KEY,
  since TEXT NOT NULL,
  plan  TEXT NOT NULL
) WITHOUT ROWID;

-- Each time that somebody was shown what is protected. Nothing is ever deleted here.
CREATE TABLE audit (
  id   INTEGER PRIMARY KEY,
  at   TEXT NOT NULL,
  by   TEXT NOT NULL,
  what TEXT NOT NULL
);
