-- One proof convicts: an author who signs no end of histories fills nobody's disk with them.
-- name: add
INSERT OR IGNORE INTO equivocations (origin, proof, is_proven, found_ms)
SELECT :origin, :proof, :is_proven, :now_ms
WHERE NOT :is_proven OR (SELECT count(*) FROM equivocations WHERE origin = :origin AND is_proven) < 8;

-- name: of_origin
SELECT * FROM equivocations WHERE origin = :origin ORDER BY is_proven DESC, id;

-- name: all
SELECT * FROM equivocations ORDER BY is_proven DESC, id;

-- name: proven
SELECT * FROM equivocations WHERE origin = :origin AND is_proven = 1 ORDER BY id LIMIT 1;

-- name: unproven
SELECT count(*) FROM equivocations WHERE origin = :origin AND is_proven = 0;

-- name: remove
DELETE FROM equivocations WHERE id = :id;

-- name: witnessed
SELECT note FROM witnessed WHERE origin = :origin;
