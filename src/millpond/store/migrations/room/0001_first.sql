-- A room: everything of one community or maker. Amounts are minor units of the currency, times unix milliseconds.
-- What identifies a household stands in `households` and in the options of wants, and nowhere else.

CREATE TABLE room (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,                           -- random; stays when the room moves
    is_community INTEGER NOT NULL CHECK (is_community IN (0, 1)),
    is_maker INTEGER NOT NULL CHECK (is_maker IN (0, 1)),
    name TEXT NOT NULL,
    place_name TEXT NOT NULL DEFAULT '',
    place_code TEXT NOT NULL DEFAULT '',
    latitude_microdeg INTEGER,
    longitude_microdeg INTEGER,
    currency TEXT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    about TEXT NOT NULL DEFAULT '',
    payment_note TEXT NOT NULL DEFAULT '',       -- how to pay, as the leader says it
    payment_picture TEXT REFERENCES pictures (id), -- the leader's own payment QR
    retention_days INTEGER NOT NULL DEFAULT 365, -- after a round is done, households without a later order are erased
    created_ms INTEGER NOT NULL
) STRICT;

-- Who works here. The owner may do everything; a helper what the roles say.
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    is_owner INTEGER NOT NULL DEFAULT 0 CHECK (is_owner IN (0, 1)),
    collects INTEGER NOT NULL DEFAULT 0 CHECK (collects IN (0, 1)),
    hands_out INTEGER NOT NULL DEFAULT 0 CHECK (hands_out IN (0, 1)),
    keeps_money INTEGER NOT NULL DEFAULT 0 CHECK (keeps_money IN (0, 1)),
    passphrase_hash TEXT,                        -- argon2id; null until the invitation is taken up
    invitation_hash TEXT UNIQUE,                 -- sha256 of the token in the link
    invitation_ends_ms INTEGER,
    created_ms INTEGER NOT NULL,
    left_ms INTEGER                              -- no longer lets in
) STRICT;

CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,                         -- credential id, base64url
    person INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    public_key BLOB NOT NULL,
    sign_count INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

-- Pictures are re-encoded before they come here; nothing of the file that was sent is left.
CREATE TABLE pictures (
    id TEXT PRIMARY KEY,                         -- sha256 of `page`
    page BLOB NOT NULL,                          -- small WebP for phones
    print BLOB NOT NULL,                         -- JPEG for paper
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE pickup_points (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    contact TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    hours TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL DEFAULT 0,
    closed_ms INTEGER
) STRICT;

CREATE TABLE households (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',               -- the leader's
    link TEXT NOT NULL UNIQUE,                   -- the token of its secret link
    created_ms INTEGER NOT NULL,
    erased_ms INTEGER                            -- name, phone, address, notes and options are gone; the books stay
) STRICT;
CREATE INDEX households_by_phone ON households (phone) WHERE phone != '';
CREATE INDEX households_by_name ON households (name);

-- A group order ("round" in the network's words).
CREATE TABLE rounds (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,                   -- of the link that is shared
    title TEXT NOT NULL,
    about TEXT NOT NULL DEFAULT '',
    picture TEXT REFERENCES pictures (id),
    stage TEXT NOT NULL CHECK (stage IN ('draft', 'open', 'closed', 'decided', 'ordered', 'arrived', 'done', 'cancelled')),
    currency TEXT NOT NULL,
    closes_at_ms INTEGER,                        -- null: closed by hand
    cap_units INTEGER,                           -- closes when so many units are wanted
    pickup_note TEXT NOT NULL DEFAULT '',        -- when and where
    fee_per_order INTEGER NOT NULL DEFAULT 0,
    fee_per_unit INTEGER NOT NULL DEFAULT 0,
    -- the maker's offer
    maker TEXT NOT NULL DEFAULT '',
    maker_contact TEXT NOT NULL DEFAULT '',
    setup INTEGER NOT NULL DEFAULT 0,
    capacity INTEGER NOT NULL DEFAULT 100000,
    freight_fixed INTEGER NOT NULL DEFAULT 0,
    freight_per_load INTEGER NOT NULL DEFAULT 0,
    ready_on TEXT,                               -- YYYY-MM-DD
    shortage_rule TEXT NOT NULL DEFAULT 'proportional' CHECK (shortage_rule IN ('proportional', 'earliest')),
    repeats_every_days INTEGER,                  -- the next one is made as a draft when this one closes
    copied_from INTEGER REFERENCES rounds (id),
    next_number INTEGER NOT NULL DEFAULT 1,      -- of the next order (跟团号)
    next_piece INTEGER NOT NULL DEFAULT 1,       -- of the next piece number
    created_ms INTEGER NOT NULL,
    opened_ms INTEGER,
    closed_ms INTEGER,
    decided_ms INTEGER,
    ordered_ms INTEGER,
    arrived_ms INTEGER,
    done_ms INTEGER
) STRICT;

CREATE TABLE round_pickup_points (
    round INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    pickup_point INTEGER NOT NULL REFERENCES pickup_points (id),
    PRIMARY KEY (round, pickup_point)
) STRICT, WITHOUT ROWID;

CREATE TABLE tiers (
    round INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    from_quantity INTEGER NOT NULL CHECK (from_quantity >= 1),
    price INTEGER NOT NULL CHECK (price >= 0),
    PRIMARY KEY (round, from_quantity)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    family TEXT NOT NULL,
    name TEXT NOT NULL,
    variant TEXT NOT NULL DEFAULT '',
    unit TEXT NOT NULL,
    surcharge INTEGER NOT NULL DEFAULT 0,
    load INTEGER NOT NULL DEFAULT 1,
    reference INTEGER,
    case_size INTEGER NOT NULL DEFAULT 1,
    nominal_grams INTEGER,
    weight_tolerance_percent INTEGER NOT NULL DEFAULT 10,
    options TEXT NOT NULL DEFAULT '[]',          -- JSON: list of {key, label, kind, choices, required}
    picture TEXT REFERENCES pictures (id),
    position INTEGER NOT NULL DEFAULT 0,
    withdrawn_ms INTEGER                         -- no longer offered; orders that have it keep it
) STRICT;
CREATE INDEX items_of_round ON items (round, position);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES rounds (id),
    household INTEGER NOT NULL REFERENCES households (id),
    number INTEGER NOT NULL,                     -- 跟团号
    token TEXT UNIQUE,                           -- sent once: the page's own random word, so that nothing is ordered twice
    pickup_point INTEGER REFERENCES pickup_points (id),
    note TEXT NOT NULL DEFAULT '',               -- the household's
    leader_note TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL CHECK (source IN ('link', 'leader', 'pasted', 'imported', 'standing', 'counter')),
    pickup_code TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    cancelled_ms INTEGER,
    merged_into INTEGER REFERENCES orders (id),
    UNIQUE (round, number),
    UNIQUE (round, pickup_code)
) STRICT;
CREATE INDEX orders_of_household ON orders (household);
CREATE INDEX orders_that_count ON orders (round) WHERE cancelled_ms IS NULL AND merged_into IS NULL;

CREATE TABLE wants (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    item INTEGER NOT NULL REFERENCES items (id),
    quantity INTEGER NOT NULL CHECK (quantity >= 1),
    limit_minor INTEGER NOT NULL CHECK (limit_minor >= 0), -- most per unit, delivered, without the leader's fee
    more INTEGER NOT NULL DEFAULT 0,
    fewer INTEGER NOT NULL DEFAULT 0,
    substitute INTEGER REFERENCES items (id),
    piece INTEGER,                               -- the piece number under which options travel
    options TEXT NOT NULL DEFAULT '{}'           -- JSON: key to answer
) STRICT;
CREATE INDEX wants_of_order ON wants (order_id, item, quantity);

-- How many units of each item the orders that count want: added up as they come and go, for every page and every order
-- asks for it, and adding up thousands of wants each time takes longer than all the rest.
CREATE TABLE wanted (
    item INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    units INTEGER NOT NULL CHECK (units >= 0)
) STRICT;
CREATE TRIGGER want_comes AFTER INSERT ON wants
WHEN EXISTS (SELECT 1 FROM orders WHERE id = NEW.order_id AND cancelled_ms IS NULL AND merged_into IS NULL)
BEGIN
    INSERT INTO wanted (item, units) VALUES (NEW.item, NEW.quantity)
    ON CONFLICT (item) DO UPDATE SET units = units + NEW.quantity;
END;
CREATE TRIGGER want_goes AFTER DELETE ON wants
WHEN EXISTS (SELECT 1 FROM orders WHERE id = OLD.order_id AND cancelled_ms IS NULL AND merged_into IS NULL)
BEGIN
    UPDATE wanted SET units = units - OLD.quantity WHERE item = OLD.item;
END;
CREATE TRIGGER want_changes AFTER UPDATE OF order_id, item, quantity ON wants
BEGIN
    UPDATE wanted SET units = units - OLD.quantity
    WHERE item = OLD.item
      AND EXISTS (SELECT 1 FROM orders WHERE id = OLD.order_id AND cancelled_ms IS NULL AND merged_into IS NULL);
    INSERT INTO wanted (item, units)
    SELECT NEW.item, NEW.quantity FROM orders
    WHERE id = NEW.order_id AND cancelled_ms IS NULL AND merged_into IS NULL
    ON CONFLICT (item) DO UPDATE SET units = units + NEW.quantity;
END;
CREATE TRIGGER order_goes AFTER UPDATE OF cancelled_ms, merged_into ON orders
WHEN OLD.cancelled_ms IS NULL AND OLD.merged_into IS NULL
 AND NOT (NEW.cancelled_ms IS NULL AND NEW.merged_into IS NULL)
BEGIN
    UPDATE wanted
    SET units = units - (SELECT sum(quantity) FROM wants WHERE order_id = NEW.id AND wants.item = wanted.item)
    WHERE item IN (SELECT item FROM wants WHERE order_id = NEW.id);
END;
CREATE TRIGGER order_stays_gone BEFORE UPDATE OF cancelled_ms, merged_into ON orders
WHEN NEW.cancelled_ms IS NULL AND NEW.merged_into IS NULL
 AND NOT (OLD.cancelled_ms IS NULL AND OLD.merged_into IS NULL)
BEGIN
    SELECT raise(ABORT, 'an order that is gone does not come back');
END;
CREATE TRIGGER order_is_kept BEFORE DELETE ON orders
BEGIN
    SELECT raise(ABORT, 'an order is cancelled, not deleted');
END;

-- What was decided: the round file, the clearing file, and what it gives each want.
CREATE TABLE decisions (
    round INTEGER PRIMARY KEY REFERENCES rounds (id),
    round_file BLOB NOT NULL,
    clearing_file BLOB NOT NULL,
    verified TEXT NOT NULL,                      -- what the verifier said, line by line
    cases TEXT NOT NULL DEFAULT '[]',            -- JSON: how each item came to whole cases
    decided_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE allocations (
    want INTEGER PRIMARY KEY REFERENCES wants (id) ON DELETE CASCADE,
    round INTEGER NOT NULL REFERENCES rounds (id),
    item INTEGER REFERENCES items (id),          -- the one wanted or its substitute; null: nothing
    quantity INTEGER NOT NULL,
    price TEXT NOT NULL,                         -- exact fraction per unit
    amount INTEGER NOT NULL,                     -- of the household's bill for this want, without fees
    reason TEXT NOT NULL DEFAULT '',             -- why less than wanted
    received INTEGER,                            -- after a shortage was shared out; null until goods came
    grams INTEGER,                               -- actual weight of all its units
    adjustment INTEGER NOT NULL DEFAULT 0        -- what shortage and weight changed of the amount
) STRICT;
CREATE INDEX allocations_of_round ON allocations (round);

-- What an order pays by the decision: goods delivered, and beside them the leader's fee.
CREATE TABLE bills (
    order_id INTEGER PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    round INTEGER NOT NULL REFERENCES rounds (id),
    units INTEGER NOT NULL,
    goods INTEGER NOT NULL,
    fee INTEGER NOT NULL
) STRICT;
CREATE INDEX bills_of_round ON bills (round);

-- Units that the leader takes so that a case is whole; sold over the counter later.
CREATE TABLE leftovers (
    round INTEGER NOT NULL REFERENCES rounds (id),
    item INTEGER NOT NULL REFERENCES items (id),
    quantity INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (round, item)
) STRICT, WITHOUT ROWID;

-- What came from the maker.
CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES rounds (id),
    item INTEGER NOT NULL REFERENCES items (id),
    received INTEGER NOT NULL CHECK (received >= 0),
    billed INTEGER,                              -- units that the maker bills
    note TEXT NOT NULL DEFAULT '',
    person INTEGER REFERENCES people (id),
    at_ms INTEGER NOT NULL,
    UNIQUE (round, item)
) STRICT;

-- Hand-outs as phones noted them, in any order, perhaps twice; what counts is a fold of them (`community.handing`).
CREATE TABLE handouts (
    event TEXT PRIMARY KEY,                      -- random, made by the phone
    order_id INTEGER NOT NULL REFERENCES orders (id),
    want INTEGER REFERENCES wants (id),          -- null: the whole order
    quantity INTEGER NOT NULL,
    undoes TEXT,
    person INTEGER REFERENCES people (id),
    device TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL,                      -- by the phone
    heard_ms INTEGER NOT NULL                    -- by the node
) STRICT;
CREATE INDEX handouts_of_order ON handouts (order_id);

CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    want INTEGER REFERENCES wants (id),
    kind TEXT NOT NULL CHECK (kind IN ('missing', 'damaged', 'wrong', 'return', 'other')),
    quantity INTEGER NOT NULL DEFAULT 1,
    words TEXT NOT NULL DEFAULT '',
    picture TEXT REFERENCES pictures (id),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'granted', 'refused', 'withdrawn')),
    answer TEXT NOT NULL DEFAULT '',
    refund INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    settled_ms INTEGER,
    settled_by INTEGER REFERENCES people (id),
    entry INTEGER REFERENCES entries (id),       -- by which the household owes less
    back_entry INTEGER REFERENCES entries (id)   -- by which it was given money back at once
) STRICT;
CREATE INDEX claims_of_order ON claims (order_id);

-- Double-entry books: entries are only ever added; a mistake is reversed by another entry.
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    round INTEGER REFERENCES rounds (id),
    at_ms INTEGER NOT NULL,
    person INTEGER REFERENCES people (id),       -- who marked it; null: the node by a rule
    words TEXT NOT NULL DEFAULT '',
    reverses INTEGER UNIQUE REFERENCES entries (id),
    token TEXT UNIQUE                            -- sent once
) STRICT;
CREATE INDEX entries_of_round ON entries (round);

CREATE TABLE postings (
    entry INTEGER NOT NULL REFERENCES entries (id),
    position INTEGER NOT NULL,
    account TEXT NOT NULL,
    household INTEGER REFERENCES households (id),
    order_id INTEGER REFERENCES orders (id),     -- of the household's, for which it counts; null: for none yet
    amount INTEGER NOT NULL,                     -- signed; those of one entry sum to 0
    PRIMARY KEY (entry, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX postings_of_household ON postings (household) WHERE household IS NOT NULL;
CREATE INDEX postings_of_order ON postings (order_id) WHERE order_id IS NOT NULL;

-- What was sold over the counter, or spoiled, with its entry: units of leftovers and of what nobody picked up.
CREATE TABLE counter (
    entry INTEGER PRIMARY KEY REFERENCES entries (id),
    round INTEGER NOT NULL REFERENCES rounds (id),
    item INTEGER NOT NULL REFERENCES items (id),
    quantity INTEGER NOT NULL CHECK (quantity >= 1)
) STRICT;
CREATE INDEX counter_of_round ON counter (round, item);

-- Units that nobody picked up, as the leader says: free for the counter.
CREATE TABLE unclaimed (
    round INTEGER NOT NULL REFERENCES rounds (id),
    item INTEGER NOT NULL REFERENCES items (id),
    quantity INTEGER NOT NULL CHECK (quantity >= 1),
    person INTEGER REFERENCES people (id),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (round, item)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries stay'); END;
CREATE TRIGGER postings_stay BEFORE DELETE ON postings BEGIN SELECT RAISE(ABORT, 'postings stay'); END;
CREATE TRIGGER postings_are_written_once BEFORE UPDATE OF entry, account, amount ON postings
BEGIN SELECT RAISE(ABORT, 'postings are written once'); END;

-- Wants that carry over: put into each new group order that has the item's name and variant.
CREATE TABLE standing_wants (
    id INTEGER PRIMARY KEY,
    household INTEGER NOT NULL REFERENCES households (id),
    name TEXT NOT NULL,
    variant TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL CHECK (quantity >= 1),
    limit_minor INTEGER,                         -- null: the item's reference
    created_ms INTEGER NOT NULL,
    ended_ms INTEGER
) STRICT;

-- Who did what: no names, phones or texts of households, only what kind of thing was changed.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    person INTEGER REFERENCES people (id),       -- null: a household, or the node by a rule
    what TEXT NOT NULL,                          -- order.placed, round.closed, ...
    round INTEGER REFERENCES rounds (id),
    order_id INTEGER REFERENCES orders (id),
    details TEXT NOT NULL DEFAULT '{}'           -- JSON of numbers and codes
) STRICT;
CREATE INDEX journal_of_round ON journal (round, at_ms);
