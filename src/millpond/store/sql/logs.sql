-- name: begin
INSERT INTO logs (origin, hash) VALUES (:origin, :hash);

-- name: by_origin
SELECT * FROM logs WHERE origin = :origin;

-- name: by_hash
SELECT * FROM logs WHERE hash = :hash;

-- name: by_id
SELECT * FROM logs WHERE id = :id;

-- name: all
SELECT * FROM logs ORDER BY id;

-- name: reach
UPDATE logs SET reached = :reached, subtrees = :subtrees, bytes = bytes + :bytes WHERE id = :id;

-- name: bytes_from
SELECT coalesce(sum(length(entry) + :each), 0) FROM log_entries WHERE log = :log AND position >= :position;

-- name: accept
UPDATE logs SET size = :size, checkpoint = :checkpoint, pending = CASE WHEN :ends THEN NULL ELSE pending END
WHERE id = :id;

-- name: set_pending
UPDATE logs SET pending = :pending WHERE id = :id;

-- name: set_checked
UPDATE logs SET checked = :checked, broken_at = :broken_at WHERE id = :id;

-- name: add_entry
INSERT INTO log_entries (log, position, entry) VALUES (?, ?, ?);

-- name: entry
SELECT entry FROM log_entries WHERE log = :log AND position = :position;

-- name: entries
SELECT entry FROM log_entries WHERE log = :log AND position >= :start AND position < :end ORDER BY position;

-- name: put_tile
INSERT INTO log_tiles (log, level, number, hashes) VALUES (:log, :level, :number, :hashes)
ON CONFLICT (log, level, number) DO UPDATE SET hashes = excluded.hashes;

-- name: tile
SELECT hashes FROM log_tiles WHERE log = :log AND level = :level AND number = :number;

-- name: cut_entries
DELETE FROM log_entries WHERE log = :log AND position >= :size;

-- name: cut_tiles
DELETE FROM log_tiles WHERE log = :log AND level = :level AND number >= :number;

-- name: cut_higher_tiles
DELETE FROM log_tiles WHERE log = :log AND level >= :level;

-- name: add_statement
INSERT OR IGNORE INTO log_statements (sid, log, position) VALUES (?, ?, ?);

-- name: statement
SELECT s.log, s.position, e.entry FROM log_statements s JOIN log_entries e ON e.log = s.log AND e.position = s.position
WHERE s.sid = :sid;

-- name: forget_statements
DELETE FROM log_statements WHERE log = :log;

-- name: forget_entries
DELETE FROM log_entries WHERE log = :log;

-- name: forget_tiles
DELETE FROM log_tiles WHERE log = :log;

-- name: forget
DELETE FROM logs WHERE id = :log;

-- name: is_withdrawn
SELECT 1 FROM withdrawn WHERE sid = :sid;

-- name: position
SELECT position FROM log_statements WHERE log = :log AND sid = :sid;
