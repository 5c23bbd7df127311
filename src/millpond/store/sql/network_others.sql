-- What pages show of logs of others, beside what `network_people` and `network_sources` have.

-- name: followed
SELECT logs.id, logs.origin, logs.size, logs.checked, logs.broken_at,
    (SELECT max(heard_ms) FROM sources WHERE sources.log = logs.id) AS heard_ms,
    (SELECT max(tried_ms) FROM sources WHERE sources.log = logs.id) AS tried_ms,
    profiles.name, profiles.place, profiles.about
FROM followers JOIN logs ON logs.id = followers.log LEFT JOIN profiles ON profiles.log = logs.id
WHERE followers.room = :room ORDER BY logs.id;

-- name: problems
SELECT logs.origin, sources.* FROM followers JOIN logs ON logs.id = followers.log JOIN sources ON sources.log = logs.id
WHERE followers.room = :room AND sources.problem <> '' ORDER BY sources.id;

-- name: refused
SELECT DISTINCT logs.origin, attachments.sha256 FROM followers JOIN attached ON attached.log = followers.log
JOIN attachments ON attachments.sha256 = attached.sha256 JOIN logs ON logs.id = followers.log
WHERE followers.room = :room AND attachments.is_refused = 1 ORDER BY logs.origin, attachments.sha256;

-- name: contradictions
SELECT equivocations.id, equivocations.origin, equivocations.is_proven, equivocations.found_ms FROM equivocations
ORDER BY equivocations.is_proven DESC, equivocations.id DESC;

-- name: contradiction
SELECT * FROM equivocations WHERE id = :id;

-- name: vouchers
SELECT logs.origin, vouches.name, vouches.note, vouches.time_ms FROM vouches JOIN logs ON logs.id = vouches.log
WHERE vouches.subject = :subject ORDER BY vouches.time_ms DESC LIMIT :most;

-- name: followers
SELECT logs.origin, '' AS name, max(follows.time_ms) AS time_ms FROM follows JOIN logs ON logs.id = follows.log
WHERE follows.subject = :subject GROUP BY logs.origin ORDER BY time_ms DESC LIMIT :most;
