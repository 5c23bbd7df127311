-- name: get
SELECT * FROM households WHERE id = :id;

-- name: by_link
SELECT * FROM households WHERE link = :link AND erased_ms IS NULL;

-- name: candidates
SELECT * FROM households WHERE erased_ms IS NULL AND (name = :name OR (phone != '' AND phone = :phone)) ORDER BY id;

-- name: search
SELECT households.*,
       (SELECT count(*) FROM orders WHERE orders.household = households.id AND orders.cancelled_ms IS NULL
        AND orders.merged_into IS NULL) AS orders
FROM households
WHERE erased_ms IS NULL
  AND (:text = '' OR instr(lower(name || ' ' || phone || ' ' || address || ' ' || note), lower(:text)))
ORDER BY name, id
LIMIT :most OFFSET :offset;

-- name: count
SELECT count(*) FROM households WHERE erased_ms IS NULL;

-- name: add
INSERT INTO households (name, phone, address, note, link, created_ms)
VALUES (:name, :phone, :address, :note, :link, :now_ms);

-- name: update
UPDATE households SET name = :name, phone = :phone, address = :address, note = :note WHERE id = :id;

-- name: set_link
UPDATE households SET link = :link WHERE id = :id;

-- name: orders
SELECT orders.id, orders.number, rounds.title, rounds.stage, pickup_points.name AS place, orders.note, orders.leader_note,
       orders.source, orders.pickup_code, orders.created_ms, orders.changed_ms, orders.cancelled_ms, bills.goods, bills.fee
FROM orders
JOIN rounds ON rounds.id = orders.round
LEFT JOIN pickup_points ON pickup_points.id = orders.pickup_point
LEFT JOIN bills ON bills.order_id = orders.id
WHERE orders.household = :id ORDER BY orders.id;

-- name: wants
SELECT wants.quantity, wants.limit_minor, wants.more, wants.fewer, wants.piece, wants.options,
       trim(wanted.name || ' ' || wanted.variant) AS item, wanted.unit,
       trim(instead.name || ' ' || instead.variant) AS substitute,
       trim(given.name || ' ' || given.variant) AS given_item, allocations.quantity AS given, allocations.price,
       allocations.amount, allocations.received, allocations.grams, allocations.adjustment
FROM wants
JOIN items AS wanted ON wanted.id = wants.item
LEFT JOIN items AS instead ON instead.id = wants.substitute
LEFT JOIN allocations ON allocations.want = wants.id
LEFT JOIN items AS given ON given.id = allocations.item
WHERE wants.order_id = :order_id ORDER BY wants.id;

-- name: claims
SELECT claims.kind, claims.quantity, claims.words, claims.picture, claims.state, claims.answer, claims.refund,
       claims.created_ms, claims.settled_ms
FROM claims JOIN orders ON orders.id = claims.order_id
WHERE orders.household = :id ORDER BY claims.id;

-- name: books
SELECT entries.kind, entries.at_ms, entries.words, postings.account, postings.amount
FROM postings JOIN entries ON entries.id = postings.entry
WHERE postings.household = :id ORDER BY entries.id, postings.position;

-- name: standing_wants
SELECT name, variant, quantity, limit_minor, created_ms, ended_ms FROM standing_wants WHERE household = :id ORDER BY id;

-- name: under_way
SELECT EXISTS (
    SELECT 1 FROM orders JOIN rounds ON rounds.id = orders.round
    WHERE orders.household = :id AND orders.cancelled_ms IS NULL AND rounds.stage NOT IN ('done', 'cancelled'));

-- name: move_orders
UPDATE orders SET household = :into WHERE household = :id;

-- name: move_standing
UPDATE standing_wants SET household = :into WHERE household = :id;

-- name: move_postings
UPDATE postings SET household = :into WHERE household = :id;

-- name: erase
UPDATE households SET name = :name, phone = '', address = '', note = '', link = :link, erased_ms = :now_ms
WHERE id = :id;

-- name: erase_notes
UPDATE orders SET note = '', leader_note = '', token = NULL
WHERE household = :id OR id IN (SELECT merged_into FROM orders WHERE household = :id);

-- name: erase_options
UPDATE wants SET options = '{}'
WHERE order_id IN (SELECT id FROM orders WHERE household = :id UNION SELECT merged_into FROM orders WHERE household = :id);

-- name: erase_entry_words
UPDATE entries SET words = '' WHERE id IN (SELECT entry FROM postings WHERE household = :id);

-- name: pictures_of_claims
SELECT DISTINCT claims.picture FROM claims JOIN orders ON orders.id = claims.order_id
WHERE orders.household = :id AND claims.picture IS NOT NULL;

-- name: erase_claims
UPDATE claims SET words = '', answer = '', picture = NULL
WHERE order_id IN (SELECT id FROM orders WHERE household = :id);

-- name: erase_standing
DELETE FROM standing_wants WHERE household = :id;

-- name: erase_picture
DELETE FROM pictures
WHERE id = :picture
  AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.picture = pictures.id)
  AND NOT EXISTS (SELECT 1 FROM rounds WHERE rounds.picture = pictures.id)
  AND NOT EXISTS (SELECT 1 FROM items WHERE items.picture = pictures.id)
  AND NOT EXISTS (SELECT 1 FROM room WHERE room.payment_picture = pictures.id);

-- name: expired
SELECT households.id FROM households
WHERE erased_ms IS NULL
  AND created_ms <= :now_ms - :kept_ms
  AND NOT EXISTS (
    SELECT 1 FROM orders JOIN rounds ON rounds.id = orders.round
    WHERE orders.household = households.id
      AND (coalesce(rounds.done_ms, :now_ms) > :now_ms - :kept_ms OR rounds.stage NOT IN ('done', 'cancelled')))
  AND NOT EXISTS (
    SELECT 1 FROM standing_wants WHERE standing_wants.household = households.id AND standing_wants.ended_ms IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM postings WHERE postings.household = households.id
    GROUP BY postings.account HAVING sum(postings.amount) != 0);

-- name: handouts
SELECT quantity, at_ms FROM handouts WHERE order_id = :order_id ORDER BY at_ms, event;

-- name: end_standing_twins
UPDATE standing_wants SET ended_ms = :now_ms
WHERE household = :id AND ended_ms IS NULL AND EXISTS (
    SELECT 1 FROM standing_wants AS kept
    WHERE kept.household = :into AND kept.ended_ms IS NULL
      AND kept.name = standing_wants.name AND kept.variant = standing_wants.variant);
