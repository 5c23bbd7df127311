-- name: here
SELECT * FROM people WHERE left_ms IS NULL ORDER BY is_owner DESC, created_ms, id;

-- name: by_id
SELECT * FROM people WHERE id = :id AND left_ms IS NULL;

-- name: invited
SELECT * FROM people
WHERE invitation_hash = :invitation_hash AND invitation_ends_ms > :now_ms AND left_ms IS NULL;

-- name: add
INSERT INTO people (name, is_owner, collects, hands_out, keeps_money, passphrase_hash, invitation_hash,
                    invitation_ends_ms, created_ms)
VALUES (:name, :is_owner, :collects, :hands_out, :keeps_money, :passphrase_hash, :invitation_hash,
        :invitation_ends_ms, :now_ms);

-- name: rename
UPDATE people SET name = :name WHERE id = :id;

-- name: set_roles
UPDATE people SET collects = :collects, hands_out = :hands_out, keeps_money = :keeps_money WHERE id = :id;

-- name: set_invitation
UPDATE people SET invitation_hash = :invitation_hash, invitation_ends_ms = :invitation_ends_ms WHERE id = :id;

-- name: set_passphrase
UPDATE people SET passphrase_hash = :passphrase_hash, invitation_hash = NULL, invitation_ends_ms = NULL
WHERE id = :id;

-- name: leave
UPDATE people
SET left_ms = :now_ms, passphrase_hash = NULL, invitation_hash = NULL, invitation_ends_ms = NULL
WHERE id = :id;

-- name: passkeys_of
SELECT * FROM passkeys WHERE person = :person ORDER BY created_ms, id;

-- name: passkeys
SELECT passkeys.* FROM passkeys JOIN people ON people.id = passkeys.person
WHERE people.left_ms IS NULL ORDER BY passkeys.created_ms, passkeys.id;

-- name: passkey
SELECT passkeys.* FROM passkeys JOIN people ON people.id = passkeys.person
WHERE passkeys.id = :id AND people.left_ms IS NULL;

-- name: add_passkey
INSERT INTO passkeys (id, person, public_key, sign_count, name, created_ms)
VALUES (:id, :person, :public_key, :sign_count, :name, :now_ms);

-- name: passkey_used
UPDATE passkeys SET sign_count = :sign_count WHERE id = :id;

-- name: remove_passkey
DELETE FROM passkeys WHERE id = :id AND person = :person;

-- name: remove_passkeys_of
DELETE FROM passkeys WHERE person = :person;
