-- What statements say, those that are understood here: folded from a log as it is read, and made anew from it if
-- need be. A room's own log is folded in its file, logs of others in the node's `network.db`; the tables are the
-- same. A row goes when its statement is withdrawn.

CREATE TABLE profiles (
    log INTEGER PRIMARY KEY REFERENCES logs (id) ON DELETE CASCADE, -- the last one counts
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    place TEXT NOT NULL,
    addresses TEXT NOT NULL,                     -- JSON
    time_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE vouches (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    subject TEXT NOT NULL,                       -- a did
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX vouches_for ON vouches (subject);
CREATE INDEX vouches_in ON vouches (log);

CREATE TABLE book (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    origin TEXT NOT NULL,                        -- of whom the card is
    card TEXT NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX book_in ON book (log);

CREATE TABLE listings (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,                         -- JSON: language to text
    text TEXT NOT NULL,                          -- JSON: language to text
    is_wanted INTEGER NOT NULL CHECK (is_wanted IN (0, 1)),
    until_ms INTEGER NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX listings_in ON listings (log);
CREATE INDEX listings_until ON listings (until_ms);

CREATE TABLE follows (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    subject TEXT NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX follows_of ON follows (subject);
CREATE INDEX follows_in ON follows (log);

-- Statements of the four kinds above that their author took back: said once more, they stay taken back.
CREATE TABLE withdrawn (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX withdrawn_in ON withdrawn (log);

-- A log that goes on under another key: the old key said which.
CREATE TABLE successions (
    origin TEXT NOT NULL,
    successor TEXT NOT NULL,
    entry BLOB NOT NULL,                         -- the old key's successor/1 statement, whole
    position INTEGER,                            -- in the old log; null: the new one showed it
    PRIMARY KEY (origin, successor)              -- two successors of one: the old key is in two hands
) STRICT, WITHOUT ROWID;
CREATE INDEX successions_to ON successions (successor);
