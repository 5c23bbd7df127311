-- name: get
SELECT * FROM node;

-- name: create
INSERT INTO node (one, secret, setup_hash, created_ms) VALUES (1, :secret, :setup_hash, :created_ms);

-- name: set_setup
UPDATE node SET setup_hash = :setup_hash;

-- name: rooms
SELECT * FROM rooms ORDER BY created_ms, slug;

-- name: room
SELECT * FROM rooms WHERE slug = :slug;

-- name: add_room
INSERT INTO rooms (slug, setup_hash, created_ms) VALUES (:slug, :setup_hash, :created_ms);

-- name: room_is_set_up
UPDATE rooms SET setup_hash = NULL WHERE slug = :slug;

-- name: remove_room
DELETE FROM rooms WHERE slug = :slug;

-- name: add_session
INSERT INTO sessions (token_hash, room, person, created_ms, seen_ms, idle_ms, ends_ms)
VALUES (:token_hash, :room, :person, :now_ms, :now_ms, :idle_ms, :ends_ms);

-- name: session
SELECT * FROM sessions WHERE token_hash = :token_hash AND room = :room AND ends_ms > :now_ms;

-- name: seen
UPDATE sessions SET seen_ms = :now_ms, ends_ms = :ends_ms WHERE token_hash = :token_hash;

-- name: end_session
DELETE FROM sessions WHERE token_hash = :token_hash;

-- name: end_sessions_of
DELETE FROM sessions WHERE room = :room AND person = :person AND token_hash != :but;

-- name: end_old_sessions
DELETE FROM sessions WHERE ends_ms <= :now_ms;

-- name: note_log
INSERT OR IGNORE INTO own_logs (hash, slug) VALUES (:hash, :slug);

-- name: rooms_of_log
SELECT slug FROM own_logs WHERE hash = :hash ORDER BY slug;

-- name: rooms_with_logs
SELECT DISTINCT slug FROM own_logs ORDER BY slug;

-- name: note_arrival
INSERT INTO arrivals (move, did, arrived_ms) VALUES (:move, :did, :arrived_ms);

-- name: arrival
SELECT * FROM arrivals WHERE move = :move;

-- A move of no number: everything that left before this moment may have come in before the node was restored.
-- name: note_restored
INSERT INTO arrivals (move, did, arrived_ms) VALUES ('', '', :restored_ms)
ON CONFLICT (move) DO UPDATE SET arrived_ms = max(arrived_ms, excluded.arrived_ms);
