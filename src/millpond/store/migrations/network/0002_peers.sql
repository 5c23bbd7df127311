-- Where logs come from, who wants them, what contradicts itself, what is attached to them.

-- The key by which this node cosigns what it carries and witnesses. It is no log's key.
CREATE TABLE keeper (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    did TEXT NOT NULL,
    seed BLOB NOT NULL,                          -- sealed by the node's key
    created_ms INTEGER NOT NULL
) STRICT;

-- Why a log is here: a room follows it, or the keeper ('') lets it be pushed here.
CREATE TABLE followers (
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    room TEXT NOT NULL,
    PRIMARY KEY (log, room)
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    address TEXT NOT NULL,                       -- what /checkpoint and /tile stand behind, or a folder
    etag TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,             -- of the last checkpoint it showed
    heard_ms INTEGER,                            -- when it last answered
    tried_ms INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,         -- since it last answered well
    problem TEXT NOT NULL DEFAULT '',
    note BLOB,                                   -- a signed head it showed, not compared with the entries yet
    UNIQUE (log, address)
) STRICT;

-- Who gave what lies beyond a log's checkpoint: entries from here on, up to the next row's.
CREATE TABLE received (
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (log, position)
) STRICT, WITHOUT ROWID;

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

-- Pictures and documents that statements name. `data` is null while it is not here.
CREATE TABLE attachments (
    sha256 TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,                      -- the most that a statement says it has, until it is here
    type TEXT NOT NULL,
    data BLOB,
    is_refused INTEGER NOT NULL DEFAULT 0 CHECK (is_refused IN (0, 1))  -- the keeper does not carry it
) STRICT, WITHOUT ROWID;

CREATE TABLE attached (
    log INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    position INTEGER NOT NULL,
    tried_ms INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,         -- of fetching it from this log's sources
    PRIMARY KEY (log, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX attached_to ON attached (sha256);

-- What a source gave of one that is not whole yet: pieces, one behind the other.
CREATE TABLE attachment_parts (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL REFERENCES attachments (sha256) ON DELETE CASCADE,
    address TEXT NOT NULL,
    start INTEGER NOT NULL,
    data BLOB NOT NULL,
    came_ms INTEGER NOT NULL,
    UNIQUE (sha256, address, start)
) STRICT;

-- Limits that the keeper set; without a row, the program's own holds.
CREATE TABLE limits (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
