-- What a keeper carries and cosigns for others.

-- name: keeper
SELECT * FROM keeper;

-- name: add_keeper
INSERT OR IGNORE INTO keeper (one, did, seed, created_ms) VALUES (1, :did, :seed, :created_ms);

-- name: set_limits
UPDATE keeper SET most_bytes = :most_bytes, most_log_bytes = :most_log_bytes;

-- name: carry
INSERT OR IGNORE INTO followers (log, room) VALUES (:log, '');

-- name: leave
DELETE FROM followers WHERE log = :log AND room = '';

-- name: is_carried
SELECT 1 FROM followers WHERE log = :log AND room = '';

-- name: is_known
SELECT 1 FROM followers WHERE log = :log;

-- name: is_pulled
SELECT 1 FROM followers WHERE log = :log AND room <> '';

-- name: carried
SELECT l.id, l.origin, coalesce(c.bytes, 0) AS bytes FROM followers f JOIN logs l ON l.id = f.log
LEFT JOIN carried c ON c.log = f.log WHERE f.room = '' ORDER BY l.id;

-- name: bytes
SELECT coalesce(sum(bytes), 0) AS all_bytes, coalesce(sum(bytes) FILTER (WHERE log = :log), 0) AS log_bytes FROM carried;

-- name: count_bytes
INSERT INTO carried (log, bytes) VALUES (:log, :bytes)
ON CONFLICT (log) DO UPDATE SET bytes = max(0, bytes + excluded.bytes);

-- name: bytes_from
SELECT coalesce(sum(length(entry)), 0) FROM log_entries WHERE log = :log AND position >= :position;

-- name: add_equivocation
INSERT OR IGNORE INTO equivocations (origin, proof, is_proven, found_ms) VALUES (:origin, :proof, 1, :found_ms);

-- name: witnessed
SELECT * FROM witnessed WHERE origin = :origin;

-- name: witnessed_by_hash
SELECT * FROM witnessed WHERE hash = :hash;

-- name: set_witnessed
INSERT INTO witnessed (origin, hash, size, note, cosigned_s) VALUES (:origin, :hash, :size, :note, :cosigned_s)
ON CONFLICT (origin) DO UPDATE SET size = excluded.size, note = excluded.note, cosigned_s = excluded.cosigned_s;

-- name: attachment
SELECT sha256, bytes, type, data, is_refused FROM attachments WHERE sha256 = :sha256;

-- name: is_attached
SELECT 1 FROM attached a JOIN logs l ON l.id = a.log WHERE l.hash = :hash AND a.sha256 = :sha256;

-- name: is_attached_to_carried
SELECT 1 FROM attached a JOIN followers f ON f.log = a.log WHERE a.sha256 = :sha256 AND f.room = '';

-- name: fill_attachment
UPDATE attachments SET data = :data WHERE sha256 = :sha256 AND data IS NULL;
