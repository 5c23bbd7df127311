-- name: name
-- The most that any statement says it has, of those that say what can be: another author cannot make it too large.
INSERT INTO attachments (sha256, bytes, type) VALUES (:sha256, :bytes, :type)
ON CONFLICT (sha256) DO UPDATE SET
    bytes = CASE WHEN max(bytes, excluded.bytes) <= :most THEN max(bytes, excluded.bytes)
        ELSE min(bytes, excluded.bytes) END
WHERE data IS NULL;

-- name: attach
INSERT OR IGNORE INTO attached (log, sha256, position) VALUES (?, ?, ?);

-- name: one
SELECT sha256, bytes, type, data IS NOT NULL AS is_here, is_refused FROM attachments WHERE sha256 = :sha256;

-- name: of_log
SELECT a.type, a.data FROM attachments a JOIN attached t ON t.sha256 = a.sha256
WHERE t.log = :log AND a.sha256 = :sha256 AND a.data IS NOT NULL AND NOT a.is_refused;

-- name: wanted
SELECT a.sha256, a.bytes,
    (SELECT coalesce(sum(length(p.data)), 0) FROM attachment_parts p WHERE p.sha256 = a.sha256) AS part_bytes
FROM attachments a JOIN attached t ON t.sha256 = a.sha256
WHERE t.log = :log AND a.data IS NULL AND NOT a.is_refused AND a.bytes <= :most_bytes
    AND (t.tried_ms IS NULL OR t.tried_ms + min(:first_wait_ms << min(t.failures, 20), :last_wait_ms) <= :now_ms)
ORDER BY t.position DESC LIMIT :most;

-- name: carried
SELECT t.log FROM attached t JOIN followers f ON f.log = t.log AND f.room = '' WHERE t.sha256 = :sha256;

-- name: keep
UPDATE attachments SET data = :data, bytes = length(:data)
WHERE sha256 = :sha256 AND data IS NULL AND NOT is_refused;

-- name: failed
UPDATE attached SET failures = failures + 1, tried_ms = :now_ms WHERE log = :log AND sha256 = :sha256;

-- name: part
SELECT data FROM attachment_parts WHERE sha256 = :sha256 AND address = :address ORDER BY start;

-- name: part_sizes
SELECT length(data) AS bytes FROM attachment_parts WHERE sha256 = :sha256 AND address = :address;

-- name: add_part
INSERT INTO attachment_parts (sha256, address, start, data, came_ms)
SELECT sha256, :address, :start, :data, :now_ms FROM attachments
WHERE sha256 = :sha256 AND data IS NULL AND NOT is_refused;

-- name: drop_part
DELETE FROM attachment_parts WHERE sha256 = :sha256 AND address = :address;

-- name: drop_parts
DELETE FROM attachment_parts WHERE sha256 = :sha256;

-- name: drop_parts_before
DELETE FROM attachment_parts WHERE (sha256, address) IN
    (SELECT sha256, address FROM attachment_parts GROUP BY sha256, address HAVING max(came_ms) < :time_ms);

-- name: refuse
INSERT INTO attachments (sha256, bytes, type, is_refused) VALUES (:sha256, 0, 'application/octet-stream', 1)
ON CONFLICT (sha256) DO UPDATE SET is_refused = 1, data = NULL;

-- name: allow
UPDATE attachments SET is_refused = 0 WHERE sha256 = :sha256;

-- name: try_again
UPDATE attached SET tried_ms = NULL, failures = 0 WHERE sha256 = :sha256;

-- name: refused
SELECT sha256 FROM attachments WHERE is_refused ORDER BY sha256;

-- name: kept_bytes
SELECT (SELECT coalesce(sum(bytes), 0) FROM attachments WHERE data IS NOT NULL)
    + (SELECT coalesce(sum(length(data)), 0) FROM attachment_parts);

-- name: log_bytes
SELECT (SELECT coalesce(sum(a.bytes), 0) FROM attached t JOIN attachments a ON a.sha256 = t.sha256
        WHERE t.log = :log AND a.data IS NOT NULL)
    + (SELECT coalesce(sum(length(p.data)), 0) FROM attached t JOIN attachment_parts p ON p.sha256 = t.sha256
        WHERE t.log = :log);

-- name: tidy
DELETE FROM attachments WHERE NOT is_refused AND sha256 NOT IN (SELECT sha256 FROM attached);

-- name: limit
SELECT value FROM limits WHERE name = 'attachments';

-- name: set_limit
INSERT INTO limits (name, value) VALUES ('attachments', :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;
