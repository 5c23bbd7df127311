-- A room's log at its keepers: how that went.

-- name: keeper_answered
UPDATE keepers SET size = :size, cosigned_s = coalesce(:cosigned_s, cosigned_s), heard_ms = :now_ms, tried_ms = :now_ms,
    failures = 0, problem = ''
WHERE did = :did;

-- name: keeper_failed
UPDATE keepers SET size = coalesce(:size, size), heard_ms = CASE WHEN :answered THEN :now_ms ELSE heard_ms END,
    tried_ms = :now_ms, failures = failures + 1, problem = :problem
WHERE did = :did;

-- name: own_attachments
SELECT sha256 FROM own_attachments ORDER BY added_ms DESC, sha256;
