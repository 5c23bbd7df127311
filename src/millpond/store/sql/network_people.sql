-- name: set_profile
INSERT INTO profiles (log, position, name, about, place, addresses, time_ms)
SELECT :log, :position, :name, :about, :place, :addresses, :time_ms
WHERE NOT EXISTS (SELECT 1 FROM successions WHERE origin = :author AND position < :position)
ON CONFLICT (log) DO UPDATE SET position = excluded.position, name = excluded.name, about = excluded.about,
    place = excluded.place, addresses = excluded.addresses, time_ms = excluded.time_ms
WHERE excluded.position > profiles.position;

-- name: add_vouch
INSERT OR IGNORE INTO vouches (sid, log, position, subject, name, note, time_ms)
SELECT :sid, :log, :position, :subject, :name, :note, :time_ms
WHERE NOT EXISTS (SELECT 1 FROM successions WHERE origin = :author AND position < :position)
    AND NOT EXISTS (SELECT 1 FROM withdrawn WHERE sid = :sid);

-- name: add_card
INSERT OR IGNORE INTO book (sid, log, position, origin, card, time_ms)
SELECT :sid, :log, :position, :origin, :card, :time_ms
WHERE NOT EXISTS (SELECT 1 FROM successions WHERE origin = :author AND position < :position)
    AND NOT EXISTS (SELECT 1 FROM withdrawn WHERE sid = :sid);

-- name: add_listing
INSERT OR IGNORE INTO listings (sid, log, position, title, text, is_wanted, until_ms, time_ms)
SELECT :sid, :log, :position, :title, :text, :is_wanted, :until_ms, :time_ms
WHERE NOT EXISTS (SELECT 1 FROM successions WHERE origin = :author AND position < :position)
    AND NOT EXISTS (SELECT 1 FROM withdrawn WHERE sid = :sid);

-- name: add_follow
INSERT OR IGNORE INTO follows (sid, log, position, subject, time_ms)
SELECT :sid, :log, :position, :subject, :time_ms
WHERE NOT EXISTS (SELECT 1 FROM successions WHERE origin = :author AND position < :position)
    AND NOT EXISTS (SELECT 1 FROM withdrawn WHERE sid = :sid);

-- name: withdraw_vouch
DELETE FROM vouches WHERE sid = :sid AND log = :log;

-- name: withdraw_card
DELETE FROM book WHERE sid = :sid AND log = :log;

-- name: withdraw_listing
DELETE FROM listings WHERE sid = :sid AND log = :log;

-- name: withdraw_follow
DELETE FROM follows WHERE sid = :sid AND log = :log;

-- name: note_withdrawn
INSERT OR IGNORE INTO withdrawn (sid, log) VALUES (:sid, :log);

-- Two say already that the old key is in two hands: one that names no end of successors fills nobody's disk.
-- name: add_succession
INSERT INTO successions (origin, successor, entry, position)
SELECT :origin, :successor, :entry, :position
WHERE (SELECT count(*) FROM successions WHERE origin = :origin AND successor <> :successor) < 8
ON CONFLICT (origin, successor) DO UPDATE SET entry = excluded.entry, position = excluded.position
WHERE successions.position IS NULL AND excluded.position IS NOT NULL;

-- name: profile
SELECT p.* FROM profiles p JOIN logs l ON l.id = p.log WHERE l.origin = :origin;

-- name: successors
SELECT successor FROM successions WHERE origin = :origin ORDER BY successor;

-- name: predecessors
SELECT origin FROM successions WHERE successor = :origin ORDER BY origin;

-- name: vouches_for
SELECT v.sid, l.origin, v.name, v.note, v.time_ms, max(v.position) AS position FROM vouches v JOIN logs l ON l.id = v.log
JOIN followers f ON f.log = l.id AND f.room = :room
WHERE v.subject = :subject AND NOT EXISTS (SELECT 1 FROM equivocations e WHERE e.origin = l.origin AND e.is_proven)
GROUP BY l.id ORDER BY l.origin LIMIT :most;

-- name: book_for
SELECT l.origin AS author, b.origin, b.card, b.time_ms FROM book b JOIN logs l ON l.id = b.log
JOIN followers f ON f.log = l.id AND f.room = :room
WHERE NOT EXISTS (SELECT 1 FROM equivocations e WHERE e.origin = l.origin AND e.is_proven)
ORDER BY b.time_ms DESC, b.sid LIMIT :most;

-- name: listings_for
SELECT l.origin, s.sid, s.title, s.text, s.is_wanted, s.until_ms, s.time_ms FROM listings s JOIN logs l ON l.id = s.log
JOIN followers f ON f.log = l.id AND f.room = :room
WHERE s.until_ms > :now_ms ORDER BY s.until_ms, s.sid LIMIT :most;

-- name: who_follows
SELECT DISTINCT l.origin FROM follows f JOIN logs l ON l.id = f.log WHERE f.subject = :subject ORDER BY l.origin
LIMIT :most;

-- name: follow
INSERT OR IGNORE INTO followers (log, room) VALUES (:log, :room);

-- name: unfollow
DELETE FROM followers WHERE room = :room AND log = (SELECT id FROM logs WHERE origin = :origin);

-- name: is_wanted
SELECT 1 FROM followers WHERE log = :log;

-- name: followed
SELECT l.origin FROM followers f JOIN logs l ON l.id = f.log WHERE f.room = :room ORDER BY l.id;

-- name: rooms
SELECT DISTINCT room FROM followers WHERE room <> '' ORDER BY room;

-- name: is_contradicted
SELECT 1 FROM equivocations WHERE origin = :origin AND is_proven;
