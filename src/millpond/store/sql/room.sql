-- name: get
SELECT * FROM room;

-- name: create
INSERT INTO room (one, id, is_community, is_maker, name, place_name, place_code, latitude_microdeg, longitude_microdeg,
                  currency, language, time_zone, created_ms)
VALUES (1, :id, :is_community, :is_maker, :name, :place_name, :place_code, :latitude_microdeg, :longitude_microdeg,
        :currency, :language, :time_zone, :created_ms);

-- name: update
UPDATE room
SET is_community = :is_community, is_maker = :is_maker, name = :name, place_name = :place_name, place_code = :place_code,
    latitude_microdeg = :latitude_microdeg, longitude_microdeg = :longitude_microdeg, currency = :currency,
    language = :language, time_zone = :time_zone, phone = :phone, about = :about, payment_note = :payment_note,
    retention_days = :retention_days;

-- name: set_payment_picture
UPDATE room SET payment_picture = :picture;

-- name: journal
INSERT INTO journal (at_ms, person, what, round, order_id, details)
VALUES (:at_ms, :person, :what, :round, :order_id, :details);

-- name: journal_of_round
SELECT journal.*, people.name AS person_name
FROM journal LEFT JOIN people ON people.id = journal.person
WHERE journal.round = :round
ORDER BY journal.at_ms DESC, journal.id DESC
LIMIT :most;

-- name: pickup_points
SELECT * FROM pickup_points WHERE closed_ms IS NULL ORDER BY position, id;

-- name: pickup_point
SELECT * FROM pickup_points WHERE id = :id;

-- name: add_pickup_point
INSERT INTO pickup_points (name, address, contact, phone, hours, position)
VALUES (:name, :address, :contact, :phone, :hours, (SELECT count(*) FROM pickup_points));

-- name: update_pickup_point
UPDATE pickup_points SET name = :name, address = :address, contact = :contact, phone = :phone, hours = :hours
WHERE id = :id;

-- name: close_pickup_point
UPDATE pickup_points SET closed_ms = :now_ms WHERE id = :id;

-- name: add_picture
INSERT INTO pictures (id, page, print, width, height, created_ms)
VALUES (:id, :page, :print, :width, :height, :created_ms)
ON CONFLICT (id) DO NOTHING;

-- name: picture_page
SELECT page FROM pictures WHERE id = :id;

-- name: picture_print
SELECT print FROM pictures WHERE id = :id;

-- name: has_entries
SELECT EXISTS (SELECT 1 FROM entries);
