-- name: add_entry
INSERT INTO entries (kind, round, at_ms, person, words, reverses, token)
VALUES (:kind, :round, :at_ms, :person, :words, :reverses, :token);

-- name: add_posting
INSERT INTO postings (entry, position, account, household, order_id, amount)
VALUES (:entry, :position, :account, :household, :order_id, :amount);

-- name: add_reverse_postings
INSERT INTO postings (entry, position, account, household, order_id, amount)
SELECT :entry, position, account, household, order_id, -amount FROM postings WHERE entry = :reverses;

-- name: sent
SELECT id, token, EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id) AS is_undone
FROM entries WHERE token >= :low AND token < :high;

-- name: entry
SELECT entries.*, (SELECT back.id FROM entries AS back WHERE back.reverses = entries.id) AS undone_by
FROM entries WHERE id = :id;

-- name: orders_of_entry
SELECT DISTINCT orders.id, orders.round FROM postings JOIN orders ON orders.id = postings.order_id
WHERE postings.entry = :entry;

-- name: postings
SELECT entries.id, entries.kind, entries.round, entries.at_ms, entries.person, entries.words, entries.reverses,
       postings.account, postings.household, postings.order_id, postings.amount
FROM entries JOIN postings ON postings.entry = entries.id
ORDER BY entries.at_ms, entries.id, postings.position;

-- name: order
SELECT orders.id, orders.round, orders.household, orders.number, orders.cancelled_ms, orders.merged_into,
       rounds.stage, EXISTS (SELECT 1 FROM decisions WHERE decisions.round = orders.round) AS is_decided
FROM orders JOIN rounds ON rounds.id = orders.round
WHERE orders.id = :id;

-- name: household
SELECT id, name FROM households WHERE id = :id;

-- name: round
SELECT id, stage, EXISTS (SELECT 1 FROM decisions WHERE decisions.round = rounds.id) AS is_decided
FROM rounds WHERE id = :id;

-- name: order_sums
-- What counts, by order: entries that were taken back and their reversals are left out.
SELECT postings.order_id, entries.kind, postings.account, sum(postings.amount) AS amount
FROM orders
JOIN postings ON postings.order_id = orders.id
JOIN entries ON entries.id = postings.entry
WHERE orders.round = :round AND entries.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id)
GROUP BY postings.order_id, entries.kind, postings.account;

-- name: sums_of_order
SELECT postings.order_id, entries.kind, postings.account, sum(postings.amount) AS amount
FROM postings JOIN entries ON entries.id = postings.entry
WHERE postings.order_id = :order AND entries.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id)
GROUP BY entries.kind, postings.account;

-- name: sums_of_household
-- By order of the household; `order_id` is null for what counts for none.
SELECT postings.order_id, entries.kind, postings.account, sum(postings.amount) AS amount
FROM postings JOIN entries ON entries.id = postings.entry
WHERE postings.household = :household AND entries.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id)
GROUP BY postings.order_id, entries.kind, postings.account;

-- name: sums_of_households
SELECT postings.household, sum(postings.amount) AS amount
FROM postings WHERE postings.household IS NOT NULL
GROUP BY postings.household;

-- name: orders_of_household
SELECT orders.id, orders.number, orders.round, orders.cancelled_ms, orders.merged_into, orders.created_ms,
       rounds.title, rounds.stage, rounds.code
FROM orders JOIN rounds ON rounds.id = orders.round
WHERE orders.household = :household
ORDER BY orders.created_ms DESC, orders.id DESC;

-- name: orders_of_round
SELECT orders.id, orders.number, orders.household, orders.cancelled_ms, orders.merged_into, orders.pickup_code,
       households.name
FROM orders JOIN households ON households.id = orders.household
WHERE orders.round = :round
ORDER BY orders.number;

-- name: trial
SELECT account, sum(amount) AS amount FROM postings GROUP BY account;

-- name: trial_of_round
SELECT postings.account, sum(postings.amount) AS amount
FROM postings JOIN entries ON entries.id = postings.entry
WHERE entries.round = :round
GROUP BY postings.account;

-- name: entries
-- One row an entry, the newest first: of a group order, a household or an account, or of all.
SELECT entries.id, entries.kind, entries.round, entries.at_ms, entries.words, entries.reverses, entries.person,
       people.name AS person_name, rounds.title,
       (SELECT back.id FROM entries AS back WHERE back.reverses = entries.id) AS undone_by,
       (SELECT undone.kind FROM entries AS undone WHERE undone.id = entries.reverses) AS undone_kind
FROM entries
LEFT JOIN people ON people.id = entries.person
LEFT JOIN rounds ON rounds.id = entries.round
WHERE (:round IS NULL OR entries.round = :round)
  AND (:household IS NULL OR EXISTS (
    SELECT 1 FROM postings WHERE postings.entry = entries.id AND postings.household = :household))
  AND (:account IS NULL OR EXISTS (
    SELECT 1 FROM postings WHERE postings.entry = entries.id AND postings.account = :account))
ORDER BY entries.at_ms DESC, entries.id DESC
LIMIT :most OFFSET :offset;

-- name: count_entries
SELECT count(*) FROM entries
WHERE :account IS NULL OR EXISTS (
    SELECT 1 FROM postings WHERE postings.entry = entries.id AND postings.account = :account);

-- name: postings_of_entry
SELECT postings.account, postings.household, postings.order_id, postings.amount, households.name, orders.number
FROM postings
LEFT JOIN households ON households.id = postings.household
LEFT JOIN orders ON orders.id = postings.order_id
WHERE postings.entry = :entry
ORDER BY postings.position;

-- name: people
SELECT id, name FROM people;

-- name: names
SELECT id, name FROM households WHERE erased_ms IS NULL;

-- name: titles
SELECT id, title FROM rounds;

-- name: targets
-- What each order of a decided group order owes by the decision.
SELECT bills.order_id, orders.household, bills.goods, bills.fee
FROM bills JOIN orders ON orders.id = bills.order_id
WHERE bills.round = :round
ORDER BY orders.number;

-- name: changes
-- What shortage and weight changed of it, want by want.
SELECT wants.order_id, allocations.quantity, allocations.amount, allocations.received, allocations.adjustment
FROM allocations JOIN wants ON wants.id = allocations.want
WHERE allocations.round = :round AND allocations.adjustment != 0;

-- name: owing
-- Entries that count and say what is owed in a group order: by order, with what they are for.
SELECT entries.id, entries.kind, postings.order_id, postings.household, postings.amount,
       (SELECT coalesce(-sum(goods.amount), 0) FROM postings AS goods
        WHERE goods.entry = entries.id AND goods.account = 'goods') AS goods
FROM entries JOIN postings ON postings.entry = entries.id AND postings.account = 'receivable'
WHERE entries.round = :round AND entries.kind IN ('bill', 'shortage', 'weight', 'fee', 'write_off')
  AND entries.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id)
ORDER BY entries.id;

-- name: stock_entries
SELECT entries.id, postings.amount
FROM entries JOIN postings ON postings.entry = entries.id AND postings.account = 'stock'
WHERE entries.round = :round AND entries.kind = 'stock' AND entries.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id)
ORDER BY entries.id;

-- name: leftovers
-- Units that the leader took for whole cases, with what was allocated to households and what came.
SELECT leftovers.item, leftovers.quantity, leftovers.amount, receipts.received,
       (SELECT coalesce(sum(allocations.quantity), 0) FROM allocations
        WHERE allocations.round = leftovers.round AND allocations.item = leftovers.item) AS allocated
FROM leftovers LEFT JOIN receipts ON receipts.round = leftovers.round AND receipts.item = leftovers.item
WHERE leftovers.round = :round
ORDER BY leftovers.item;

-- name: merged
-- Orders that were merged into another one and have something in the books, with the order that is left in the end.
WITH RECURSIVE chain (id, target) AS (
    SELECT id, merged_into FROM orders WHERE round = :round AND merged_into IS NOT NULL
    UNION
    SELECT chain.id, orders.merged_into FROM chain JOIN orders ON orders.id = chain.target
    WHERE orders.merged_into IS NOT NULL
)
SELECT chain.id, gone.household, chain.target, left_over.household AS target_household,
       postings.account, sum(postings.amount) AS amount
FROM chain
JOIN orders AS gone ON gone.id = chain.id
JOIN orders AS left_over ON left_over.id = chain.target AND left_over.merged_into IS NULL
JOIN postings ON postings.order_id = chain.id
GROUP BY chain.id, postings.account
HAVING sum(postings.amount) != 0
ORDER BY chain.id;

-- name: standing_of_orders
-- What stands on each account of each order of a group order, reversals and all.
SELECT postings.order_id, orders.household, postings.account, sum(postings.amount) AS amount
FROM orders JOIN postings ON postings.order_id = orders.id
WHERE orders.round = :round
GROUP BY postings.order_id, postings.account
ORDER BY orders.number;

-- name: deposit_uses
-- What was taken from an order's deposit, for itself or for another one; the newest first.
SELECT entries.id, postings.amount
FROM entries JOIN postings ON postings.entry = entries.id AND postings.account = 'deposits'
WHERE postings.order_id = :order AND entries.kind = 'deposit_used' AND entries.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id)
ORDER BY entries.id DESC;

-- name: maker_of_round
SELECT entries.kind, postings.account, sum(postings.amount) AS amount
FROM entries JOIN postings ON postings.entry = entries.id
WHERE entries.round = :round AND entries.kind IN ('maker_bill', 'maker_payment', 'maker_claim')
  AND entries.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id)
GROUP BY entries.kind, postings.account;

-- name: to_maker
SELECT coalesce((SELECT sum(goods) FROM bills WHERE round = :round), 0)
     + coalesce((SELECT sum(amount) FROM leftovers WHERE round = :round), 0);

-- name: load_of_round
-- Freight units of all that was ordered, and units of them.
SELECT coalesce(sum(items.load * ordered.quantity), 0) AS load, coalesce(sum(ordered.quantity), 0) AS units,
       rounds.freight_fixed, rounds.freight_per_load
FROM rounds
LEFT JOIN (
    SELECT round, item, quantity FROM allocations WHERE round = :round AND quantity > 0
    UNION ALL
    SELECT round, item, quantity FROM leftovers WHERE round = :round
) AS ordered ON ordered.round = rounds.id
LEFT JOIN items ON items.id = ordered.item
WHERE rounds.id = :round;

-- name: bill
SELECT goods, fee FROM bills WHERE order_id = :order;

-- name: over
-- What is over of each item: leftovers for whole cases, what came beyond the order, what nobody picked up; and what went.
SELECT items.id, trim(items.name || ' ' || items.variant) AS label, items.unit,
       coalesce(leftovers.quantity, 0) AS taken, coalesce(leftovers.amount, 0) AS amount,
       receipts.received, coalesce(unclaimed.quantity, 0) AS unclaimed,
       (SELECT coalesce(sum(quantity), 0) FROM allocations
        WHERE allocations.round = items.round AND allocations.item = items.id) AS allocated,
       (SELECT coalesce(sum(coalesce(received, quantity)), 0) FROM allocations
        WHERE allocations.round = items.round AND allocations.item = items.id) AS due,
       (SELECT coalesce(sum(counter.quantity), 0) FROM counter
        WHERE counter.round = items.round AND counter.item = items.id
          AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = counter.entry)) AS gone,
       (SELECT coalesce(-sum(postings.amount), 0) FROM counter JOIN postings ON postings.entry = counter.entry
        WHERE counter.round = items.round AND counter.item = items.id AND postings.account = 'stock'
          AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = counter.entry)) AS gone_cost
FROM items
LEFT JOIN leftovers ON leftovers.round = items.round AND leftovers.item = items.id
LEFT JOIN receipts ON receipts.round = items.round AND receipts.item = items.id
LEFT JOIN unclaimed ON unclaimed.round = items.round AND unclaimed.item = items.id
WHERE items.round = :round
ORDER BY items.position, items.id;

-- name: given_of_item
SELECT wants.id AS want, wants.order_id, coalesce(allocations.received, allocations.quantity) AS units
FROM allocations JOIN wants ON wants.id = allocations.want
WHERE allocations.round = :round AND allocations.item = :item AND allocations.quantity > 0;

-- name: add_counter
INSERT INTO counter (entry, round, item, quantity) VALUES (:entry, :round, :item, :quantity);

-- name: set_unclaimed
INSERT INTO unclaimed (round, item, quantity, person, at_ms) VALUES (:round, :item, :quantity, :person, :at_ms)
ON CONFLICT (round, item) DO UPDATE
SET quantity = excluded.quantity, person = excluded.person, at_ms = excluded.at_ms;

-- name: no_unclaimed
DELETE FROM unclaimed WHERE round = :round AND item = :item;

-- name: counter_sales
SELECT counter.*, trim(items.name || ' ' || items.variant) AS label, items.unit
FROM counter JOIN items ON items.id = counter.item
WHERE counter.round = :round
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = counter.entry)
ORDER BY counter.entry DESC;

-- name: price
-- What a unit of an item cost by the decision; one price for all of an item.
SELECT price FROM allocations WHERE round = :round AND item = :item AND quantity > 0 AND price != '' LIMIT 1;

-- name: answer_claim
UPDATE claims
SET state = :state, answer = :answer, refund = :refund, settled_ms = :now_ms, settled_by = :person, entry = :entry,
    back_entry = :back_entry
WHERE id = :id AND state = 'open';

-- name: reopen_claim
UPDATE claims
SET state = 'open', answer = '', refund = 0, settled_ms = NULL, settled_by = NULL, entry = NULL, back_entry = NULL
WHERE id = :id AND state IN ('granted', 'refused');

-- name: claim
SELECT claims.*, orders.round, orders.household
FROM claims JOIN orders ON orders.id = claims.order_id
WHERE claims.id = :id;

-- name: claim_wants
SELECT wants.id, trim(items.name || ' ' || items.variant) AS label, items.unit,
       coalesce(allocations.received, allocations.quantity) AS units, allocations.amount + allocations.adjustment AS due
FROM wants
JOIN allocations ON allocations.want = wants.id
JOIN items ON items.id = coalesce(allocations.item, wants.item)
WHERE allocations.round = :round;

-- name: marks
-- What people marked for orders of a group order, and what counts of it, the newest first.
SELECT entries.id, entries.kind, entries.at_ms, entries.words, people.name AS person_name, postings.order_id,
       -sum(postings.amount) AS amount,
       (SELECT moved.account FROM postings AS moved
        WHERE moved.entry = entries.id AND moved.account IN ('cash', 'bank', 'wallet')) AS means
FROM orders
JOIN postings ON postings.order_id = orders.id
JOIN entries ON entries.id = postings.entry
LEFT JOIN people ON people.id = entries.person
WHERE orders.round = :round AND entries.kind IN ('payment', 'deposit', 'refund', 'deposit_used', 'carried', 'write_off')
  AND entries.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.reverses = entries.id)
GROUP BY entries.id, postings.order_id
HAVING sum(postings.amount) != 0
ORDER BY entries.at_ms DESC, entries.id DESC;
