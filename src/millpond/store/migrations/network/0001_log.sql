-- Logs: entries, the tree over them, what is known of them. A room's own log stands in its file, logs that a node
-- follows or carries for others in the node's `network.db`; the tables are the same.
--
-- `reached` entries are here; the first `size` of them are under the checkpoint. What lies beyond was received,
-- and may still turn out to be another's invention.

CREATE TABLE logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,        -- never given twice: who works on a log that was forgotten finds none
    origin TEXT NOT NULL UNIQUE,                 -- did:key of who writes it
    hash TEXT NOT NULL UNIQUE,                   -- lowercase hex SHA-256 of the origin: its name in addresses
    size INTEGER NOT NULL DEFAULT 0 CHECK (size >= 0),
    checkpoint BLOB,                             -- the signed note of `size`, with cosignatures; null before the first
    reached INTEGER NOT NULL DEFAULT 0 CHECK (reached >= size),
    bytes INTEGER NOT NULL DEFAULT 0,            -- of the entries that are here, each with what it takes besides
    subtrees BLOB NOT NULL DEFAULT x'',          -- roots of the complete subtrees of `reached` leaves, 32 bytes each
    checked INTEGER NOT NULL DEFAULT 0 CHECK (checked <= size), -- statements read one by one, and in `log_statements`
    broken_at INTEGER,                           -- the first entry that is no statement of the author's; null: none
    pending BLOB                                 -- a signed note beyond `size`, that what is pushed is held against
) STRICT;

CREATE TABLE log_entries (
    log INTEGER NOT NULL REFERENCES logs (id),
    position INTEGER NOT NULL,
    entry BLOB NOT NULL,                         -- payload LF base64(signature) LF, never changed
    PRIMARY KEY (log, position)
) STRICT, WITHOUT ROWID;

-- The last tile of each level is partial, and is written anew when the log grows.
CREATE TABLE log_tiles (
    log INTEGER NOT NULL REFERENCES logs (id),
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,                        -- 32 bytes each, at most 256
    PRIMARY KEY (log, level, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_statements (
    sid BLOB PRIMARY KEY,                        -- SHA-256 of the pre-authentication encoding
    log INTEGER NOT NULL REFERENCES logs (id),
    position INTEGER NOT NULL                    -- the first, if the author said it twice
) STRICT, WITHOUT ROWID;
