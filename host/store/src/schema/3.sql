-- What registers answered, by the number that was asked about; attributes is null where the register does not know it.
CREATE TABLE answer (
  register   TEXT NOT NULL,
  number     TEXT NOT NULL,
  asked      INTEGER NOT NULL,
  attributes BLOB,
  PRIMARY KEY (number, register)
) WITHOUT ROWID;
CREATE INDEX answer_asked ON answer (register, asked);

-- What to ask a source with for what changed since the last whole read.
ALTER TABLE scan ADD COLUMN token BLOB;

-- What a person looks like: a digest of names and birth date, as of the last decision.
ALTER TABLE person ADD COLUMN hint INTEGER;
CREATE INDEX person_hint ON person (hint) WHERE hint IS NOT NULL;
-- Nobody's is known yet.
UPDATE person SET wake = 0;

-- Two persons that turned out to be one. keys and records are what was the other's, apart whom the one is told apart from
-- since; undone is when they were parted.
CREATE TABLE merge (
  id      INTEGER PRIMARY KEY,
  at      TEXT NOT NULL,
  by      TEXT NOT NULL,
  gone    INTEGER NOT NULL,
  kept    INTEGER NOT NULL,
  keys    BLOB NOT NULL,
  records BLOB NOT NULL,
  apart   BLOB NOT NULL,
  undone  TEXT
);

-- Persons of whom somebody said that they are two; low is the lower id.
CREATE TABLE apart (
  low  INTEGER NOT NULL,
  high INTEGER NOT NULL,
  PRIMARY KEY (low, high)
) WITHOUT ROWID;
