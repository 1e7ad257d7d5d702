-- What the first password of an account is made of, together with a key that is kept elsewhere: until somebody was
-- shown it, or the account is gone.
CREATE TABLE first_password (object INTEGER PRIMARY KEY, salt BLOB NOT NULL);

-- What became of accounts and is to be told, each thing once for each message rule. day: when it became so or, of an
-- account that ends, its last day. entered: the day of the run that found it. retry: the day from which on it is put
-- into mails; null once it is in all of them.
CREATE TABLE event (
  id      INTEGER PRIMARY KEY,
  message TEXT NOT NULL,
  event   TEXT NOT NULL,
  person  INTEGER NOT NULL,
  account TEXT NOT NULL,
  day     INTEGER NOT NULL,
  entered INTEGER NOT NULL,
  tries   INTEGER NOT NULL DEFAULT 0,
  retry   INTEGER DEFAULT 0,
  UNIQUE (message, event, person, account, day)
);
CREATE INDEX event_retry ON event (retry) WHERE retry IS NOT NULL;

-- Mails that were written. reader: the person whose address it is, where it is a manager's. name: the Message-ID.
-- state: waiting | sending | doubtful | refused | sent.
CREATE TABLE mail (
  id        INTEGER PRIMARY KEY,
  message   TEXT NOT NULL,
  recipient TEXT NOT NULL,
  reader    INTEGER,
  language  TEXT NOT NULL,
  name      TEXT NOT NULL UNIQUE,
  state     TEXT NOT NULL,
  tries     INTEGER NOT NULL DEFAULT 0,
  retry     INTEGER NOT NULL DEFAULT 0,
  day       INTEGER NOT NULL
);
CREATE INDEX mail_state ON mail (state, retry);

-- Which mail tells of which event.
CREATE TABLE told (
  event INTEGER NOT NULL,
  mail  INTEGER NOT NULL,
  PRIMARY KEY (event, mail)
) WITHOUT ROWID;
CREATE INDEX told_mail ON told (mail, event);

-- What the target computed of an object beyond what was written.
ALTER TABLE object ADD COLUMN computed BLOB;

-- The licences that accounts have from ladders.
CREATE TABLE licence (
  object    INTEGER NOT NULL,
  attribute TEXT NOT NULL,
  sku       TEXT NOT NULL,
  PRIMARY KEY (object, attribute, sku)
) WITHOUT ROWID;

-- The day on which another name took the place of a retired one; null of those that were retired before that was noted.
ALTER TABLE name ADD COLUMN retired INTEGER;

-- Names that objects of a target have which are not ours, as of the last whole look at them. What is there no longer is
-- nobody's again.
CREATE TABLE foreign_name (
  id     INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  class  TEXT NOT NULL,
  remote TEXT NOT NULL,
  kind   TEXT NOT NULL,
  folded TEXT NOT NULL,
  UNIQUE (target, class, remote, kind, folded)
);
CREATE INDEX foreign_name_name ON foreign_name (kind, folded);
