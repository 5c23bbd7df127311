-- name: wants
SELECT wants.*, orders.number
FROM wants JOIN orders ON orders.id = wants.order_id
WHERE orders.round = :round AND orders.cancelled_ms IS NULL AND orders.merged_into IS NULL
ORDER BY orders.number, wants.id;

-- name: keep
INSERT INTO decisions (round, round_file, clearing_file, verified, cases, decided_ms)
VALUES (:round, :round_file, :clearing_file, :verified, :cases, :now_ms);

-- name: allocate
INSERT INTO allocations (want, round, item, quantity, price, amount, reason)
VALUES (:want, :round, :item, :quantity, :price, :amount, :reason);

-- name: bill
INSERT INTO bills (order_id, round, units, goods, fee) VALUES (:order_id, :round, :units, :goods, :fee);

-- name: leave
INSERT INTO leftovers (round, item, quantity, amount) VALUES (:round, :item, :quantity, :amount);

-- name: stage
UPDATE rounds SET stage = 'decided', decided_ms = :now_ms WHERE id = :round AND stage = 'closed';

-- name: get
SELECT * FROM decisions WHERE round = :round;

-- name: allocations
SELECT allocations.*, wants.order_id, wants.item AS wanted_item, wants.quantity AS wanted, wants.limit_minor,
       wants.piece, wants.options
FROM allocations JOIN wants ON wants.id = allocations.want
WHERE allocations.round = :round
ORDER BY allocations.want;

-- name: bills
SELECT * FROM bills WHERE round = :round ORDER BY order_id;

-- name: leftovers
SELECT * FROM leftovers WHERE round = :round ORDER BY item;

-- name: forget_allocations
DELETE FROM allocations WHERE round = :round;

-- name: forget_bills
DELETE FROM bills WHERE round = :round;

-- name: forget_leftovers
DELETE FROM leftovers WHERE round = :round;

-- name: forget
DELETE FROM decisions WHERE round = :round;

-- name: reopen
UPDATE rounds SET stage = 'closed', decided_ms = NULL WHERE id = :round AND stage = 'decided';
