-- name: by_token
SELECT id FROM orders WHERE token = :token;

-- name: get
SELECT orders.*, households.name AS household_name, households.phone, households.link, households.erased_ms
FROM orders JOIN households ON households.id = orders.household
WHERE orders.id = :id;

-- name: of_household
SELECT id FROM orders
WHERE round = :round AND household = :household AND cancelled_ms IS NULL AND merged_into IS NULL
ORDER BY number;

-- name: of_round
SELECT id FROM orders WHERE round = :round AND merged_into IS NULL ORDER BY number;

-- name: wants
SELECT * FROM wants WHERE order_id = :order_id ORDER BY id;

-- name: next_number
UPDATE rounds SET next_number = next_number + 1 WHERE id = :round RETURNING next_number - 1;

-- name: next_piece
UPDATE rounds SET next_piece = next_piece + 1 WHERE id = :round RETURNING next_piece - 1;

-- name: code_taken
SELECT 1 FROM orders WHERE round = :round AND pickup_code = :code;

-- name: add
INSERT INTO orders (round, household, number, token, pickup_point, note, leader_note, source, pickup_code,
                    created_ms, changed_ms)
VALUES (:round, :household, :number, :token, :pickup_point, :note, :leader_note, :source, :pickup_code,
        :now_ms, :now_ms);

-- name: change
UPDATE orders SET pickup_point = :pickup_point, note = :note, changed_ms = :now_ms WHERE id = :id;

-- name: set_leader_note
UPDATE orders SET leader_note = :leader_note, changed_ms = :now_ms WHERE id = :id;

-- name: add_want
INSERT INTO wants (order_id, item, quantity, limit_minor, more, fewer, substitute, piece, options)
VALUES (:order_id, :item, :quantity, :limit_minor, :more, :fewer, :substitute, :piece, :options);

-- name: update_want
UPDATE wants
SET quantity = :quantity, limit_minor = :limit_minor, more = :more, fewer = :fewer, substitute = :substitute,
    options = :options
WHERE id = :id;

-- name: forget_want
DELETE FROM wants WHERE id = :id;

-- name: move_want
UPDATE wants SET order_id = :order_id WHERE id = :id;

-- name: cancel
UPDATE orders SET cancelled_ms = :now_ms, changed_ms = :now_ms WHERE id = :id;

-- name: merged
UPDATE orders SET merged_into = :into, changed_ms = :now_ms WHERE id = :id;

-- name: search
WITH live AS (
    SELECT orders.id, households.name, households.phone
    FROM orders JOIN households ON households.id = orders.household
    WHERE orders.round = :round AND orders.merged_into IS NULL AND orders.cancelled_ms IS NULL
), doubtful AS (
    SELECT id FROM live
    WHERE name IN (SELECT name FROM live GROUP BY name HAVING count(*) > 1)
       OR (phone != '' AND phone IN (SELECT phone FROM live GROUP BY phone HAVING count(*) > 1))
    UNION
    SELECT orders.id FROM orders
    WHERE orders.round = :round AND orders.merged_into IS NULL AND orders.cancelled_ms IS NULL
      AND orders.pickup_point IS NULL
      AND (SELECT count(*) FROM round_pickup_points WHERE round_pickup_points.round = :round) > 1
)
SELECT orders.id
FROM orders JOIN households ON households.id = orders.household
WHERE orders.round = :round AND orders.merged_into IS NULL
  AND (:text = '' OR instr(lower(households.name || ' ' || households.phone || ' ' || orders.pickup_code || ' ' || orders.number), lower(:text)))
  AND (:source = '' OR orders.source = :source)
  AND (:point = 0 OR orders.pickup_point = :point)
  AND (NOT :noted OR orders.note != '' OR orders.leader_note != '')
  AND (NOT :doubtful OR orders.id IN (SELECT id FROM doubtful))
ORDER BY orders.number
LIMIT :most OFFSET :offset;

-- name: list_taken
SELECT id FROM journal WHERE round = :round AND what = 'list.taken' AND json_extract(details, '$.list') = :list;

-- name: is_carried_over
SELECT EXISTS (SELECT 1 FROM orders WHERE round = :round AND household = :household AND source = 'standing');
