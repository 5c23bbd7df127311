-- name: get
SELECT rounds.*,
       (SELECT count(*) FROM orders WHERE round = :id AND cancelled_ms IS NULL AND merged_into IS NULL) AS orders,
       (SELECT coalesce(sum(wanted.units), 0) FROM items JOIN wanted ON wanted.item = items.id
        WHERE items.round = :id) AS units
FROM rounds
WHERE rounds.id = :id;

-- name: id_of_code
SELECT id FROM rounds WHERE code = :code;

-- name: ids
SELECT id FROM rounds ORDER BY coalesce(opened_ms, created_ms) DESC, id DESC LIMIT :most;

-- name: open_ids
SELECT id FROM rounds WHERE stage = 'open' ORDER BY id;

-- name: items
SELECT * FROM items WHERE round = :round ORDER BY position, id;

-- name: tiers
SELECT * FROM tiers WHERE round = :round ORDER BY from_quantity;

-- name: points
SELECT pickup_point FROM round_pickup_points WHERE round = :round ORDER BY pickup_point;

-- name: units_of_items
SELECT wanted.item, wanted.units
FROM items JOIN wanted ON wanted.item = items.id
WHERE items.round = :round AND wanted.units > 0;

-- name: create
INSERT INTO rounds (code, title, stage, currency, copied_from, created_ms)
VALUES (:code, :title, 'draft', :currency, :copied_from, :created_ms);

-- name: update
UPDATE rounds
SET title = :title, about = :about, closes_at_ms = :closes_at_ms, cap_units = :cap_units, pickup_note = :pickup_note,
    fee_per_order = :fee_per_order, fee_per_unit = :fee_per_unit, maker = :maker, maker_contact = :maker_contact,
    setup = :setup, capacity = :capacity, freight_fixed = :freight_fixed, freight_per_load = :freight_per_load,
    ready_on = :ready_on, shortage_rule = :shortage_rule, repeats_every_days = :repeats_every_days
WHERE id = :id;

-- name: set_picture
UPDATE rounds SET picture = :picture WHERE id = :id;

-- name: set_item_picture
UPDATE items SET picture = :picture WHERE id = :item AND round = :round;

-- name: copy_of
SELECT id FROM rounds WHERE copied_from = :id;

-- name: wanted_items
SELECT wants.item FROM wants JOIN orders ON orders.id = wants.order_id WHERE orders.round = :round
UNION SELECT wants.substitute FROM wants JOIN orders ON orders.id = wants.order_id
WHERE orders.round = :round AND wants.substitute IS NOT NULL;

-- name: points_of_orders
SELECT DISTINCT pickup_point FROM orders
WHERE round = :round AND pickup_point IS NOT NULL AND cancelled_ms IS NULL AND merged_into IS NULL;

-- name: set_stage
UPDATE rounds
SET stage = :stage,
    opened_ms = CASE WHEN :stage = 'open' THEN coalesce(opened_ms, :now_ms) ELSE opened_ms END,
    closed_ms = CASE :stage WHEN 'closed' THEN :now_ms WHEN 'open' THEN NULL ELSE closed_ms END,
    ordered_ms = CASE WHEN :stage = 'ordered' THEN :now_ms ELSE ordered_ms END,
    arrived_ms = CASE WHEN :stage = 'arrived' THEN coalesce(arrived_ms, :now_ms) ELSE arrived_ms END,
    done_ms = CASE WHEN :stage IN ('done', 'cancelled') THEN :now_ms END
WHERE id = :id;

-- name: set_close
UPDATE rounds SET closes_at_ms = :closes_at_ms WHERE id = :id;

-- name: forget_tiers
DELETE FROM tiers WHERE round = :round;

-- name: add_tier
INSERT INTO tiers (round, from_quantity, price) VALUES (:round, :from_quantity, :price);

-- name: forget_points
DELETE FROM round_pickup_points WHERE round = :round;

-- name: add_point
INSERT INTO round_pickup_points (round, pickup_point) VALUES (:round, :pickup_point);

-- name: add_item
INSERT INTO items (round, family, name, variant, unit, surcharge, load, reference, case_size, nominal_grams,
                   weight_tolerance_percent, options, picture, position)
VALUES (:round, :family, :name, :variant, :unit, :surcharge, :load, :reference, :case_size, :nominal_grams,
        :weight_tolerance_percent, :options, :picture, :position);

-- name: update_item
UPDATE items
SET family = :family, name = :name, variant = :variant, unit = :unit, surcharge = :surcharge, load = :load,
    reference = :reference, case_size = :case_size, nominal_grams = :nominal_grams,
    weight_tolerance_percent = :weight_tolerance_percent, options = :options, position = :position, withdrawn_ms = NULL
WHERE id = :id AND round = :round;

-- name: withdraw_item
UPDATE items SET withdrawn_ms = :now_ms WHERE id = :id AND round = :round;

-- name: forget_item
DELETE FROM items WHERE id = :id AND round = :round
AND NOT EXISTS (SELECT 1 FROM wants WHERE wants.item = items.id OR wants.substitute = items.id);
