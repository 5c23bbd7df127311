-- name: note
INSERT INTO handouts (event, order_id, want, quantity, undoes, person, device, at_ms, heard_ms)
VALUES (:event, :order_id, :want, :quantity, :undoes, :person, :device, :at_ms, :heard_ms)
ON CONFLICT (event) DO NOTHING;

-- name: of_round
SELECT handouts.*, people.name AS person_name
FROM handouts JOIN orders ON orders.id = handouts.order_id LEFT JOIN people ON people.id = handouts.person
WHERE orders.round = :round
ORDER BY handouts.at_ms, handouts.event;

-- name: orders
SELECT id FROM orders WHERE round = :round AND cancelled_ms IS NULL AND merged_into IS NULL;

-- name: order_by_code
SELECT id FROM orders WHERE round = :round AND pickup_code = :code AND cancelled_ms IS NULL AND merged_into IS NULL;
