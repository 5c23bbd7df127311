-- name: due_to_close
SELECT id FROM rounds WHERE stage = 'open' AND closes_at_ms <= :now_ms ORDER BY closes_at_ms, id;

-- name: next_close
SELECT min(closes_at_ms) FROM rounds WHERE stage = 'open';
