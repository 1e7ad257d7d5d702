-- How a target was looked at as a whole the last time, and what to ask it with for what changed since then. reader: who
-- looked, and at what; what another one looked at says nothing. day: the day of that look.
CREATE TABLE look (
  target TEXT NOT NULL,
  class  TEXT NOT NULL,
  reader TEXT NOT NULL,
  day    INTEGER NOT NULL,
  token  BLOB NOT NULL,
  PRIMARY KEY (target, class)
) WITHOUT ROWID;

-- The fingerprints of a scan, in parts: one value of them all would be in memory many times while it is written.
CREATE TABLE mark (
  source       TEXT NOT NULL,
  class        TEXT NOT NULL,
  part         INTEGER NOT NULL,
  fingerprints BLOB NOT NULL,
  PRIMARY KEY (source, class, part)
);
INSERT INTO mark (source, class, part, fingerprints) SELECT source, class, 0, fingerprints FROM scan;
ALTER TABLE scan DROP COLUMN fingerprints;
