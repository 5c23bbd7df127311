-- name: keys
SELECT * FROM own_keys ORDER BY state = 'ended', changed_ms DESC, did;

-- name: key
SELECT * FROM own_keys WHERE did = :did;

-- name: add_key
INSERT INTO own_keys (did, seed, is_sealed, state, why, created_ms, changed_ms)
VALUES (:did, :seed, :is_sealed, :state, :why, :now_ms, :now_ms);

-- name: set_state
UPDATE own_keys SET state = :state, why = :why, move = :move, changed_ms = :now_ms WHERE did = :did;

-- name: set_seed
UPDATE own_keys SET seed = :seed, is_sealed = :is_sealed WHERE did = :did;

-- name: add_attachment
INSERT OR IGNORE INTO own_attachments (sha256, bytes, type, data, added_ms)
VALUES (:sha256, :bytes, :type, :data, :now_ms);

-- name: attachment
SELECT data FROM own_attachments WHERE sha256 = :sha256;

-- name: bytes
SELECT coalesce((SELECT bytes FROM logs WHERE origin = :did), 0)
    + (SELECT coalesce(sum(bytes), 0) FROM own_attachments);

-- name: has_table
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = :table;

-- name: attachments
SELECT sha256 FROM own_attachments ORDER BY sha256;
