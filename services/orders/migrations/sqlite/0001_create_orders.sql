-- Carts, checkouts and what is being done to orders. Lines are JSON: an aggregate is read and written whole,
-- and nothing asks for a single line.
CREATE TABLE carts (
    id       TEXT   NOT NULL PRIMARY KEY,
    owner    TEXT   NOT NULL,
    channel  TEXT   NOT NULL,
    currency TEXT   NOT NULL,
    state    BIGINT NOT NULL CHECK (state IN (1, 2, 3)),
    lines    TEXT   NOT NULL,
    checkout TEXT,
    version  BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    updated  BIGINT NOT NULL
);
CREATE INDEX carts_by_owner ON carts (owner, id);

CREATE TABLE checkouts (
    id                   TEXT   NOT NULL PRIMARY KEY,
    cart                 TEXT   NOT NULL,
    owner                TEXT   NOT NULL,
    state                BIGINT NOT NULL CHECK (state IN (1, 2, 3, 4, 5)),
    order_id             TEXT   UNIQUE,
    currency             TEXT   NOT NULL,
    total_minor          BIGINT,
    failure              TEXT,
    sealed_address       BLOB   NOT NULL,
    -- Gone as soon as the checkout is settled.
    sealed_payment_token BLOB,
    created              BIGINT NOT NULL,
    updated              BIGINT NOT NULL
);
-- One cart makes at most one order, and at most one checkout of it runs at a time.
CREATE UNIQUE INDEX checkouts_one_per_cart ON checkouts (cart) WHERE state <> 5;

-- The projection of the events with subject orders/<id> in kit_events, which are the truth.
CREATE TABLE orders (
    id                TEXT   NOT NULL PRIMARY KEY,
    number            BIGINT NOT NULL UNIQUE,
    owner             TEXT   NOT NULL,
    channel           TEXT   NOT NULL,
    state             BIGINT NOT NULL,
    payment_state     BIGINT NOT NULL,
    fulfillment_state BIGINT NOT NULL,
    currency          TEXT   NOT NULL,
    lines             TEXT   NOT NULL,
    shipments         TEXT   NOT NULL,
    checkout          TEXT   NOT NULL UNIQUE,
    payment           TEXT   NOT NULL,
    sealed_address    BLOB   NOT NULL,
    version           BIGINT NOT NULL,
    created           BIGINT NOT NULL,
    updated           BIGINT NOT NULL
);
CREATE INDEX orders_by_owner ON orders (owner, number);

-- Cancellations and shipments under way or ended. State: 1 running, 2 done, 3 failed.
CREATE TABLE operations (
    id       TEXT   NOT NULL PRIMARY KEY,
    order_id TEXT   NOT NULL,
    kind     BIGINT NOT NULL,
    state    BIGINT NOT NULL,
    failure  TEXT,
    created  BIGINT NOT NULL
);
CREATE UNIQUE INDEX operations_one_running ON operations (order_id) WHERE state = 1;

CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('order_number', 1000);
