-- name: of_order
SELECT * FROM claims WHERE order_id = :order ORDER BY created_ms, id;

-- name: of_round
SELECT claims.*
FROM claims JOIN orders ON orders.id = claims.order_id
WHERE orders.round = :round
ORDER BY claims.state != 'open', claims.created_ms DESC, claims.id DESC;

-- name: by_id
SELECT * FROM claims WHERE id = :id;

-- name: order_of_want
SELECT order_id FROM wants WHERE id = :want;

-- name: stage_of_order
SELECT rounds.stage
FROM orders JOIN rounds ON rounds.id = orders.round
WHERE orders.id = :order AND orders.cancelled_ms IS NULL;

-- name: round_of_order
SELECT round FROM orders WHERE id = :order;

-- name: open_ones
SELECT count(*) FROM claims WHERE order_id = :order AND state = 'open';

-- name: same
SELECT id FROM claims
WHERE order_id = :order AND want IS :want AND kind = :kind AND quantity = :quantity AND words = :words
  AND picture IS :picture AND state = 'open';

-- name: add
INSERT INTO claims (order_id, want, kind, quantity, words, picture, created_ms)
VALUES (:order, :want, :kind, :quantity, :words, :picture, :now_ms);

-- name: withdraw
UPDATE claims SET state = 'withdrawn', settled_ms = :now_ms WHERE id = :id AND order_id = :order AND state = 'open';

-- name: has_picture
SELECT 1 FROM claims WHERE picture = :id LIMIT 1;
