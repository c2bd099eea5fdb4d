-- What the sandbox provider remembers, apart from payments' own database, as a real provider's would be.
CREATE TABLE charges (
    key      TEXT   NOT NULL PRIMARY KEY,
    token    TEXT   NOT NULL,
    amount   BIGINT NOT NULL,
    currency TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    refunded BIGINT NOT NULL,
    lookups  BIGINT NOT NULL
);
CREATE TABLE refunds (
    key    TEXT   NOT NULL PRIMARY KEY,
    charge TEXT   NOT NULL REFERENCES charges (key),
    amount BIGINT NOT NULL
);
