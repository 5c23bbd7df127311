-- Whose logs the rooms write.

-- Which rooms have a log of this name. A row stands here before the key of the log is made, so there may be
-- one without a log, and never a log without one.
CREATE TABLE own_logs (
    hash TEXT NOT NULL,                          -- lowercase hex SHA-256 of the log's origin
    slug TEXT NOT NULL REFERENCES rooms (slug) ON DELETE CASCADE,
    PRIMARY KEY (hash, slug)                     -- two, where a copy of a room was taken in beside it
) STRICT, WITHOUT ROWID;
CREATE INDEX own_logs_of ON own_logs (slug);

-- Moves of logs that came in here; the room may have gone since.
CREATE TABLE arrivals (
    move TEXT PRIMARY KEY,                       -- the number that was drawn where it left
    did TEXT NOT NULL,
    arrived_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
