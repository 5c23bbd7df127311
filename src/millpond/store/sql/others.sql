-- What pages show of whom a room follows and who carries its log.

-- name: set_compared
UPDATE peers SET compared_ms = :compared_ms WHERE origin = :origin AND (compared_ms IS NULL) <> (:compared_ms IS NULL);

-- name: vouched
SELECT sid, name, time_ms FROM vouches WHERE log = :log AND subject = :subject ORDER BY position DESC LIMIT 1;
