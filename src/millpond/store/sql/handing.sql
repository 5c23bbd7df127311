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
SELECT id FROM orders WHERE round = :round;

-- name: list
SELECT orders.id, orders.number, orders.pickup_code, orders.note, orders.leader_note, orders.pickup_point,
       coalesce(pickup_points.name, '') AS point, households.id AS household, households.name, households.phone,
       households.address
FROM orders
JOIN households ON households.id = orders.household
LEFT JOIN pickup_points ON pickup_points.id = orders.pickup_point
WHERE orders.round = :round AND orders.cancelled_ms IS NULL AND orders.merged_into IS NULL
ORDER BY coalesce(pickup_points.position, 0), point, orders.number;

-- name: claimed
SELECT DISTINCT order_id FROM claims JOIN orders ON orders.id = claims.order_id
WHERE orders.round = :round AND claims.state = 'open';
