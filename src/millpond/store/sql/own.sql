-- name: wants
SELECT wants.*, allocations.want AS decided, allocations.item AS given_item, allocations.quantity AS given,
       allocations.price, allocations.amount, allocations.reason, allocations.received, allocations.adjustment
FROM wants LEFT JOIN allocations ON allocations.want = wants.id
WHERE wants.order_id = :order
ORDER BY wants.id;

-- name: bill
SELECT goods, fee FROM bills WHERE order_id = :order;

-- name: orders
SELECT orders.id, orders.number, orders.created_ms, orders.cancelled_ms, orders.merged_into,
       rounds.id AS round, rounds.code, rounds.title, rounds.stage
FROM orders JOIN rounds ON rounds.id = orders.round
WHERE orders.household = :household AND orders.merged_into IS NULL
ORDER BY orders.created_ms DESC, orders.id DESC;

-- name: order_ids
SELECT id FROM orders WHERE round = :round AND household = :household AND merged_into IS NULL ORDER BY number;

-- name: summary
SELECT items.name, items.variant, items.unit, sum(wants.quantity) AS quantity
FROM wants JOIN items ON items.id = wants.item
WHERE wants.order_id = :order
GROUP BY items.id
ORDER BY items.position, items.id;

-- name: picture
SELECT id, width, height FROM pictures WHERE id = :id;

-- name: item_pictures
SELECT items.id AS item, pictures.id, pictures.width, pictures.height
FROM items JOIN pictures ON pictures.id = items.picture
WHERE items.round = :round;

-- name: known_items
SELECT max(items.id) AS id, items.name, items.variant
FROM items JOIN rounds ON rounds.id = items.round
WHERE rounds.stage != 'draft' AND items.withdrawn_ms IS NULL
  AND NOT EXISTS (SELECT 1 FROM json_each(items.options) AS one WHERE json_extract(one.value, '$.required'))
GROUP BY items.name, items.variant
ORDER BY max(rounds.created_ms) DESC, items.name, items.variant
LIMIT :most;
