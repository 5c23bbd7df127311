-- name: is_published
SELECT is_published FROM publishing;

-- name: set
INSERT INTO publishing (one, is_published) VALUES (1, :is_published)
ON CONFLICT (one) DO UPDATE SET is_published = excluded.is_published;

-- name: attachment
SELECT type, data FROM own_attachments WHERE sha256 = :sha256;
