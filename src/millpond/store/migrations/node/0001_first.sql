-- A node: which rooms it carries and who is signed in to them. None of it moves with a room.

CREATE TABLE node (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    secret BLOB NOT NULL,                        -- keys what forms carry
    setup_hash TEXT,                             -- sha256 of the code that opens the first set-up; null when it is done
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE rooms (
    slug TEXT PRIMARY KEY,                       -- in addresses, and the name of its directory
    setup_hash TEXT,                             -- sha256 of the code that opens this room's set-up; null when it is done
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,                 -- sha256 of the cookie
    room TEXT NOT NULL REFERENCES rooms (slug) ON DELETE CASCADE,
    person INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    idle_ms INTEGER NOT NULL,                    -- ends when it was not used for so long
    ends_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_person ON sessions (room, person);
