-- Payments, refunds, and the ledger that every movement of money is posted to.
CREATE TABLE payments (
    id           TEXT   NOT NULL PRIMARY KEY,
    checkout     TEXT   NOT NULL UNIQUE,
    owner        TEXT   NOT NULL,
    state        BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount >= 0),
    captured     BIGINT NOT NULL CHECK (captured >= 0 AND captured <= amount),
    -- Refunds that succeeded or are being asked for.
    refunded     BIGINT NOT NULL CHECK (refunded >= 0 AND refunded <= captured),
    provider     TEXT   NOT NULL,
    -- SHA-256 of the token: enough to tell a repeat from another request.
    token_hash   BYTEA   NOT NULL,
    failure_code TEXT   NOT NULL,
    created      BIGINT NOT NULL,
    updated      BIGINT NOT NULL
);
CREATE INDEX payments_by_owner ON payments (owner, id);
CREATE INDEX payments_by_state ON payments (state, updated);

CREATE TABLE refunds (
    id      TEXT   NOT NULL PRIMARY KEY,
    payment TEXT   NOT NULL REFERENCES payments (id),
    state   BIGINT NOT NULL,
    amount  BIGINT NOT NULL CHECK (amount > 0),
    reason  TEXT   NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX refunds_by_payment ON refunds (payment, id);

-- `mac` covers the transaction with its entries, so that an altered row is found.
CREATE TABLE ledger_transactions (
    id      TEXT   NOT NULL PRIMARY KEY,
    subject TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    created BIGINT NOT NULL,
    mac     BYTEA   NOT NULL,
    UNIQUE (subject, kind)
);

CREATE TABLE ledger_entries (
    ledger_transaction TEXT   NOT NULL REFERENCES ledger_transactions (id),
    position           BIGINT NOT NULL,
    account            TEXT   NOT NULL,
    currency           TEXT   NOT NULL,
    amount             BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (ledger_transaction, position)
);
CREATE INDEX ledger_entries_by_account ON ledger_entries (account, currency);
