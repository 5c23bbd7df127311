-- Where logs come from, who wants them, what was read in them, what contradicts itself.

-- The key by which this node cosigns what it carries and witnesses. It is no log's key.
CREATE TABLE keeper (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    did TEXT NOT NULL,
    seed BLOB NOT NULL,                          -- sealed by the node's key
    created_ms INTEGER NOT NULL
) STRICT;

-- Why a log is here: a room follows it, or the keeper ('') lets it be pushed here.
CREATE TABLE followers (
    log INTEGER NOT NULL REFERENCES logs (id),
    room TEXT NOT NULL,
    PRIMARY KEY (log, room)
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id),
    address TEXT NOT NULL,                       -- what /checkpoint and /tile stand behind, or a folder
    etag TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,             -- of the last checkpoint it showed
    heard_ms INTEGER,                            -- when it last answered
    tried_ms INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,         -- since it last answered well
    problem TEXT NOT NULL DEFAULT '',
    UNIQUE (log, address)
) STRICT;

CREATE TABLE equivocations (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    proof BLOB NOT NULL UNIQUE,                  -- millpond-equivocation/1, or two notes that do not prove it alone
    is_proven INTEGER NOT NULL CHECK (is_proven IN (0, 1)),
    found_ms INTEGER NOT NULL
) STRICT;

-- What was cosigned last, for each log: one head a size.
CREATE TABLE witnessed (
    origin TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    note BLOB NOT NULL,                          -- the log's own signature and ours
    cosigned_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What statements say, those that are understood here; a row goes when its statement is withdrawn.
CREATE TABLE profiles (
    log INTEGER PRIMARY KEY REFERENCES logs (id), -- the last one counts
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    place TEXT NOT NULL,
    addresses TEXT NOT NULL,                     -- JSON
    time_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE vouches (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id),
    subject TEXT NOT NULL,                       -- a did
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX vouches_for ON vouches (subject);

CREATE TABLE book (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id),
    origin TEXT NOT NULL,                        -- of whom the card is
    card TEXT NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE listings (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id),
    title TEXT NOT NULL,                         -- JSON: language to text
    text TEXT NOT NULL,                          -- JSON: language to text
    is_wanted INTEGER NOT NULL CHECK (is_wanted IN (0, 1)),
    until_ms INTEGER NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE follows (
    sid BLOB PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id),
    subject TEXT NOT NULL,
    time_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX follows_of ON follows (subject);

-- A log that goes on under another key: the old key said which.
CREATE TABLE successions (
    origin TEXT NOT NULL,
    successor TEXT NOT NULL,
    entry BLOB NOT NULL,                         -- the old key's successor/1 statement, whole
    PRIMARY KEY (origin, successor)              -- two successors of one: the old key is in two hands
) STRICT, WITHOUT ROWID;

-- Pictures and documents that statements name. `data` is null while it is not here.
CREATE TABLE attachments (
    sha256 TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    type TEXT NOT NULL,
    data BLOB,
    is_refused INTEGER NOT NULL DEFAULT 0 CHECK (is_refused IN (0, 1)), -- the keeper does not carry it
    tried_ms INTEGER,
    failures INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE attached (
    log INTEGER NOT NULL REFERENCES logs (id),
    sha256 TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (log, sha256)
) STRICT, WITHOUT ROWID;
