-- What the exchange of logs looks at.

-- name: followed
SELECT DISTINCT logs.id, logs.origin FROM followers JOIN logs ON logs.id = followers.log
WHERE followers.room <> '' ORDER BY logs.id;

-- name: rooms_of
SELECT room FROM followers WHERE log = :log AND room <> '' ORDER BY room;

-- name: unread
SELECT id FROM logs WHERE checked < size AND broken_at IS NULL ORDER BY id;
