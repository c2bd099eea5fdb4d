-- What the sandbox provider remembers, apart from the service's own database, as a real provider's books would be.
CREATE TABLE charges (
    key      TEXT   NOT NULL PRIMARY KEY,
    token    TEXT   NOT NULL,
    currency TEXT   NOT NULL,
    amount   BIGINT NOT NULL,
    state    TEXT   NOT NULL CHECK (state IN ('pending', 'authorised', 'captured', 'declined', 'voided')),
    refunded BIGINT NOT NULL CHECK (refunded >= 0 AND refunded <= amount),
    -- How often it was asked about while pending.
    lookups  BIGINT NOT NULL
);

CREATE TABLE refunds (
    key    TEXT   NOT NULL PRIMARY KEY,
    charge TEXT   NOT NULL REFERENCES charges (key),
    amount BIGINT NOT NULL CHECK (amount > 0)
);
