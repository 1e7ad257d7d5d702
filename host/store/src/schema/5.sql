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
