-- What goes into a backup of the file of others' logs, and what a restore leaves out of it.

-- name: logs
SELECT id, origin, hash, pending, checkpoint FROM logs ORDER BY id;

-- name: add_log
INSERT INTO logs (id, origin, hash, pending) VALUES (?, ?, ?, ?);

-- name: witnessed
SELECT origin, hash, size, note, cosigned_s FROM witnessed ORDER BY origin;

-- name: add_witnessed
INSERT INTO witnessed (origin, hash, size, note, cosigned_s) VALUES (?, ?, ?, ?, ?);

-- name: followers
SELECT log, room FROM followers ORDER BY log, room;

-- name: add_follower
INSERT INTO followers (log, room) VALUES (?, ?);

-- name: sources
SELECT id, log, address FROM sources ORDER BY id;

-- name: add_source
INSERT INTO sources (id, log, address) VALUES (?, ?, ?);

-- name: equivocations
SELECT id, origin, proof, is_proven, found_ms FROM equivocations ORDER BY id;

-- name: add_equivocation
INSERT INTO equivocations (id, origin, proof, is_proven, found_ms) VALUES (?, ?, ?, ?, ?);

-- name: successions
SELECT origin, successor, entry FROM successions ORDER BY origin, successor;

-- name: add_succession
INSERT INTO successions (origin, successor, entry) VALUES (?, ?, ?);

-- name: refused_attachments
SELECT sha256, bytes, type FROM attachments WHERE is_refused ORDER BY sha256;

-- name: add_refused_attachment
INSERT INTO attachments (sha256, bytes, type, is_refused) VALUES (?, ?, ?, 1);

-- name: limits
SELECT name, value FROM limits ORDER BY name;

-- name: add_limit
INSERT INTO limits (name, value) VALUES (?, ?);

-- name: forget_keeper
DELETE FROM keeper;
