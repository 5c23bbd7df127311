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
SELECT sha256, bytes, type, data IS NOT NULL AS is_here, is_refused, failures FROM attachments WHERE sha256 = :sha256;

-- name: of_log
SELECT a.type, a.data FROM attachments a JOIN attached t ON t.sha256 = a.sha256
WHERE t.log = :log AND a.sha256 = :sha256 AND a.data IS NOT NULL AND NOT a.is_refused;

-- name: wanted
SELECT a.sha256, a.bytes, a.failures FROM attachments a JOIN attached t ON t.sha256 = a.sha256
WHERE t.log = :log AND a.data IS NULL AND NOT a.is_refused AND a.bytes <= :most_bytes
    AND (a.tried_ms IS NULL OR a.tried_ms + min(:first_wait_ms << min(a.failures, 20), :last_wait_ms) <= :now_ms)
ORDER BY t.position DESC LIMIT :most;

-- name: is_carried
SELECT 1 FROM attached t JOIN followers f ON f.log = t.log AND f.room = '' WHERE t.sha256 = :sha256;

-- name: keep
UPDATE attachments SET data = :data, bytes = length(:data), failures = 0, tried_ms = :now_ms
WHERE sha256 = :sha256 AND data IS NULL AND NOT is_refused;

-- name: failed
UPDATE attachments SET failures = failures + 1, tried_ms = :now_ms WHERE sha256 = :sha256;

-- name: refuse
INSERT INTO attachments (sha256, bytes, type, is_refused) VALUES (:sha256, 0, 'application/octet-stream', 1)
ON CONFLICT (sha256) DO UPDATE SET is_refused = 1, data = NULL;

-- name: allow
UPDATE attachments SET is_refused = 0, tried_ms = NULL, failures = 0 WHERE sha256 = :sha256;

-- name: refused
SELECT sha256 FROM attachments WHERE is_refused ORDER BY sha256;

-- name: kept_bytes
SELECT coalesce(sum(bytes), 0) FROM attachments WHERE data IS NOT NULL;

-- name: tidy
DELETE FROM attachments WHERE NOT is_refused AND sha256 NOT IN (SELECT sha256 FROM attached);

-- name: limit
SELECT value FROM limits WHERE name = 'attachments';

-- name: set_limit
INSERT INTO limits (name, value) VALUES ('attachments', :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;
