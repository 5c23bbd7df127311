-- name: of_household
SELECT * FROM standing_wants WHERE household = :household AND ended_ms IS NULL ORDER BY created_ms, id;

-- name: same
SELECT * FROM standing_wants
WHERE household = :household AND name = :name AND variant = :variant AND ended_ms IS NULL;

-- name: running
SELECT standing_wants.*
FROM standing_wants JOIN households ON households.id = standing_wants.household
WHERE standing_wants.ended_ms IS NULL AND households.erased_ms IS NULL
ORDER BY standing_wants.created_ms, standing_wants.id;

-- name: count
SELECT count(*) FROM standing_wants WHERE household = :household AND ended_ms IS NULL;

-- name: add
INSERT INTO standing_wants (household, name, variant, quantity, limit_minor, created_ms)
VALUES (:household, :name, :variant, :quantity, :limit, :now_ms);

-- name: end
UPDATE standing_wants SET ended_ms = :now_ms WHERE id = :id AND household = :household AND ended_ms IS NULL;
