-- name: add
INSERT OR IGNORE INTO sources (log, address) VALUES (:log, :address);

-- name: make_room
DELETE FROM sources WHERE id IN (
    SELECT id FROM sources WHERE log = :log AND address <> :address
    ORDER BY coalesce(heard_ms, 0), problem = '', id
    LIMIT max(0, (SELECT count(*) FROM sources WHERE log = :log) - :most)
);

-- name: one
SELECT * FROM sources WHERE log = :log AND address = :address;

-- name: of_log
SELECT * FROM sources WHERE log = :log ORDER BY id;

-- name: asked
UPDATE sources SET heard_ms = :now_ms, tried_ms = :now_ms, failures = 0, problem = '' WHERE log = :log AND address = :address;

-- name: heard
UPDATE sources SET etag = :etag, size = :size, heard_ms = :now_ms, tried_ms = :now_ms, failures = 0, problem = '',
    note = NULL
WHERE log = :log AND address = :address;

-- name: begun
UPDATE sources SET etag = '', heard_ms = :now_ms, tried_ms = :now_ms, note = :note WHERE log = :log AND address = :address;

-- name: failed
UPDATE sources SET etag = '', tried_ms = :now_ms, failures = failures + 1, problem = :problem,
    note = coalesce(:note, note)
WHERE log = :log AND address = :address;

-- name: compared
UPDATE sources SET note = NULL WHERE id = :id;

-- name: remove
DELETE FROM sources WHERE log = :log AND address = :address;

-- name: received
INSERT INTO received (log, position, address) VALUES (:log, :position, :address);

-- name: giver
SELECT address FROM received WHERE log = :log AND position <= :position ORDER BY position DESC LIMIT 1;

-- name: first_given
SELECT min(position) FROM received WHERE log = :log AND address = :address;

-- name: other_givers
SELECT count(*) FROM received WHERE log = :log AND address <> :address;

-- name: accepted
DELETE FROM received WHERE log = :log AND position < :size;

-- name: cut_received
DELETE FROM received WHERE log = :log AND position >= :position;

-- name: forget
DELETE FROM sources WHERE log = :log;

-- name: forget_received
DELETE FROM received WHERE log = :log;
