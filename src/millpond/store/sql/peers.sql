-- name: all
SELECT * FROM peers ORDER BY name, origin;

-- name: one
SELECT * FROM peers WHERE origin = :origin;

-- name: named
SELECT * FROM peers WHERE name = :name AND origin <> :origin;

-- name: add
INSERT INTO peers (origin, name, addresses, is_followed, met, added_ms)
VALUES (:origin, :name, :addresses, :is_followed, :met, :now_ms);

-- name: change
UPDATE peers SET name = :name, addresses = :addresses, is_followed = :is_followed WHERE origin = :origin;

-- name: remove
DELETE FROM peers WHERE origin = :origin;

-- name: keepers
SELECT * FROM keepers ORDER BY name, did;

-- name: keeper
SELECT * FROM keepers WHERE did = :did;

-- name: add_keeper
INSERT INTO keepers (did, name, address, is_mirror, is_witness, added_ms)
VALUES (:did, :name, :address, :is_mirror, :is_witness, :now_ms)
ON CONFLICT (did) DO UPDATE SET name = excluded.name, address = excluded.address, is_mirror = excluded.is_mirror,
    is_witness = excluded.is_witness, failures = 0, problem = '';

-- name: remove_keeper
DELETE FROM keepers WHERE did = :did;
