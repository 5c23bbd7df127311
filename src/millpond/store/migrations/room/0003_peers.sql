-- The keys of a room's own log, whom it follows, and where it is carried.

CREATE TABLE own_keys (
    did TEXT PRIMARY KEY,                        -- the origin of the log it writes
    seed BLOB,                                   -- 32 bytes, sealed by the node's key; null: it did not come along
    is_sealed INTEGER NOT NULL CHECK (is_sealed IN (0, 1)), -- 0: bare, as it travels inside a sealed archive
    state TEXT NOT NULL CHECK (state IN ('open', 'resting', 'ended')),
    why TEXT NOT NULL DEFAULT '',                -- why it rests, or ended
    move TEXT NOT NULL DEFAULT '',               -- random, of a log that moves: no node takes in one move twice
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_key_writes ON own_keys (state = 'ended') WHERE state <> 'ended';

-- Whether the node shows the own log to others; no row: yes, from the first statement on.
CREATE TABLE publishing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    is_published INTEGER NOT NULL CHECK (is_published IN (0, 1))
) STRICT;

-- Pictures and documents that statements of the own log name.
CREATE TABLE own_attachments (
    sha256 TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    type TEXT NOT NULL,
    data BLOB NOT NULL,
    added_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE peers (
    origin TEXT PRIMARY KEY,
    name TEXT NOT NULL,                          -- as they are called here
    addresses TEXT NOT NULL,                     -- JSON: addresses of nodes, or folders, where their log may be fetched
    is_followed INTEGER NOT NULL CHECK (is_followed IN (0, 1)),
    met TEXT NOT NULL CHECK (met IN ('paste', 'lan', 'file', 'book', 'successor')), -- how
    added_ms INTEGER NOT NULL,
    compared_ms INTEGER                          -- when the owner compared the check phrase with them; null: not yet
) STRICT, WITHOUT ROWID;

-- Keepers that this room's log is pushed to, as mirrors, or that cosign it, as witnesses.
CREATE TABLE keepers (
    did TEXT PRIMARY KEY,                        -- their cosigner's key, and its name
    name TEXT NOT NULL,                          -- as they are called here
    address TEXT NOT NULL,                       -- of their node: what /mirror and /witness stand behind
    is_mirror INTEGER NOT NULL CHECK (is_mirror IN (0, 1)),
    is_witness INTEGER NOT NULL CHECK (is_witness IN (0, 1)),
    size INTEGER NOT NULL DEFAULT 0,             -- entries they said they have
    cosigned_s INTEGER,                          -- when they last cosigned, by their clock
    heard_ms INTEGER,                            -- when they last answered
    tried_ms INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,         -- since they last answered
    problem TEXT NOT NULL DEFAULT '',
    added_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
