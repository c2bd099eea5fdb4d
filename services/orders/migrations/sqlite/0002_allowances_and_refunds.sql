-- What failed payments hold a person back. The row is also the lock under which a person opens carts and checkouts.
CREATE TABLE buyers (
    owner       TEXT   NOT NULL PRIMARY KEY,
    -- Payments that failed, less those that were made since.
    failures    BIGINT NOT NULL CHECK (failures >= 0),
    last_failed BIGINT NOT NULL
);

-- Counted before another one is added.
CREATE INDEX carts_open ON carts (owner, id) WHERE state <> 3;
CREATE INDEX checkouts_running ON checkouts (owner, id) WHERE state IN (1, 2, 3);

-- What nobody comes back for.
CREATE INDEX carts_by_update ON carts (state, updated);
CREATE INDEX carts_empty ON carts (updated) WHERE state = 1 AND lines = '[]';
CREATE INDEX checkouts_failed ON checkouts (updated) WHERE state = 5;
CREATE INDEX checkouts_failed_of ON checkouts (owner, id) WHERE state = 5;

-- What was given back of an order, in minor units.
ALTER TABLE orders ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0;
CREATE INDEX orders_by_payment ON orders (payment);
