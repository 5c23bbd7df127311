-- name: items
SELECT items.id, items.unit, items.nominal_grams, items.weight_tolerance_percent, items.case_size,
       trim(items.name || ' ' || items.variant) AS label,
       coalesce((SELECT sum(quantity) FROM allocations WHERE allocations.round = items.round AND allocations.item = items.id), 0)
       + coalesce((SELECT quantity FROM leftovers WHERE leftovers.round = items.round AND leftovers.item = items.id), 0) AS ordered,
       receipts.received, receipts.billed, receipts.note, receipts.at_ms
FROM items LEFT JOIN receipts ON receipts.round = items.round AND receipts.item = items.id
WHERE items.round = :round
ORDER BY items.position, items.id;

-- name: receive
INSERT INTO receipts (round, item, received, billed, note, person, at_ms)
VALUES (:round, :item, :received, :billed, :note, :person, :at_ms)
ON CONFLICT (round, item) DO UPDATE
SET received = excluded.received, billed = excluded.billed, note = excluded.note, person = excluded.person,
    at_ms = excluded.at_ms;

-- name: forget
DELETE FROM receipts WHERE round = :round AND item = :item;

-- name: shares
SELECT allocations.want, allocations.quantity, allocations.amount, allocations.grams, allocations.received
FROM allocations JOIN wants ON wants.id = allocations.want JOIN orders ON orders.id = wants.order_id
WHERE allocations.round = :round AND allocations.item = :item AND allocations.quantity > 0
ORDER BY orders.number, wants.id;

-- name: share
UPDATE allocations SET received = :received, adjustment = :adjustment WHERE want = :want;

-- name: weigh
UPDATE allocations SET grams = :grams, adjustment = :adjustment WHERE want = :want;

-- name: allocation
SELECT allocations.*, wants.order_id, items.nominal_grams, items.weight_tolerance_percent
FROM allocations JOIN wants ON wants.id = allocations.want LEFT JOIN items ON items.id = allocations.item
WHERE allocations.want = :want AND allocations.round = :round;

-- name: due
SELECT allocations.want, wants.order_id, allocations.item, allocations.quantity AS allocated, allocations.amount,
       coalesce(allocations.received, allocations.quantity) AS units, allocations.adjustment, allocations.grams,
       allocations.received IS NOT NULL AS has_come, wants.quantity AS wanted, wants.item AS wanted_item,
       wants.piece, wants.options, allocations.reason
FROM allocations JOIN wants ON wants.id = allocations.want
WHERE allocations.round = :round
ORDER BY allocations.want;

-- name: round
SELECT id, stage, currency, shortage_rule FROM rounds WHERE id = :round;
