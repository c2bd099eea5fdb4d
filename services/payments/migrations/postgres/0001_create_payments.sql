-- Payments, refunds, and the ledger that every movement of money is posted to.
CREATE TABLE payments (
    id           TEXT   NOT NULL PRIMARY KEY,
    checkout     TEXT   NOT NULL UNIQUE,
    -- Empty in the tombstone of a checkout that was voided before it was ever authorised.
    owner        TEXT   NOT NULL,
    state        BIGINT NOT NULL CHECK (state BETWEEN 1 AND 6),
    -- What the provider is being asked to do: 0 nothing, 1 capture, 2 void.
    intent       BIGINT NOT NULL CHECK (intent BETWEEN 0 AND 2),
    currency     TEXT   NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount >= 0),
    captured     BIGINT NOT NULL CHECK (captured >= 0 AND captured <= amount),
    refunding    BIGINT NOT NULL CHECK (refunding >= 0),
    refunded     BIGINT NOT NULL CHECK (refunded >= 0),
    provider     TEXT   NOT NULL,
    -- SHA-256 of checkout and token: enough to tell a repeat from another request.
    token_hash   BYTEA  NOT NULL,
    failure_code TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL,
    CONSTRAINT payments_cover_refunds CHECK (refunding + refunded <= captured)
);
CREATE INDEX payments_by_owner ON payments (owner, id);
CREATE INDEX payments_unfinished ON payments (updated) WHERE state IN (1, 2) OR intent <> 0;

CREATE TABLE refunds (
    id       TEXT   NOT NULL PRIMARY KEY,
    payment  TEXT   NOT NULL REFERENCES payments (id),
    state    BIGINT NOT NULL CHECK (state BETWEEN 1 AND 3),
    currency TEXT   NOT NULL,
    amount   BIGINT NOT NULL CHECK (amount > 0),
    reason   TEXT   NOT NULL,
    -- When the provider was last asked.
    asked    BIGINT NOT NULL,
    created  BIGINT NOT NULL
);
CREATE INDEX refunds_by_payment ON refunds (payment, id);
CREATE INDEX refunds_pending ON refunds (asked) WHERE state = 1;

-- Only ever added to. `mac` covers the transaction, its entries and the `mac` before it.
CREATE TABLE ledger_transactions (
    sequence BIGINT NOT NULL PRIMARY KEY,
    id       TEXT   NOT NULL UNIQUE,
    payment  TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    created  BIGINT NOT NULL,
    mac      BYTEA  NOT NULL,
    UNIQUE (subject, kind)
);

CREATE TABLE ledger_entries (
    sequence BIGINT NOT NULL REFERENCES ledger_transactions (sequence),
    position BIGINT NOT NULL,
    account  TEXT   NOT NULL,
    currency TEXT   NOT NULL,
    amount   BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (sequence, position)
);
