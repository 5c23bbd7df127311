-- What a keeper carries and cosigns for others.

-- name: keeper
SELECT * FROM keeper;

-- name: add_keeper
INSERT OR IGNORE INTO keeper (one, did, seed, created_ms) VALUES (1, :did, :seed, :created_ms);

-- name: limits
SELECT name, value FROM limits;

-- name: set_limit
INSERT INTO limits (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: carry
INSERT OR IGNORE INTO followers (log, room) VALUES (:log, '');

-- name: leave
DELETE FROM followers WHERE log = :log AND room = '';

-- name: is_carried
SELECT 1 FROM followers WHERE log = :log AND room = '';

-- name: is_known
SELECT 1 FROM followers WHERE log = :log;

-- name: carried
SELECT l.id, l.origin, l.bytes FROM followers f JOIN logs l ON l.id = f.log WHERE f.room = '' ORDER BY l.id;

-- name: bytes
SELECT coalesce(sum(bytes), 0) AS all_bytes, coalesce(sum(bytes) FILTER (WHERE id = :log), 0) AS log_bytes FROM logs;

-- name: witnessed
SELECT * FROM witnessed WHERE origin = :origin;

-- name: witnessed_by_hash
SELECT * FROM witnessed WHERE hash = :hash;

-- name: set_witnessed
INSERT INTO witnessed (origin, hash, size, note, cosigned_s) VALUES (:origin, :hash, :size, :note, :cosigned_s)
ON CONFLICT (origin) DO UPDATE SET size = excluded.size, note = excluded.note, cosigned_s = excluded.cosigned_s;
