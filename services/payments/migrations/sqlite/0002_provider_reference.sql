-- Ids are what stands after the slash; the provider's own ids are kept beside ours, empty where nobody asked for them.
-- The ledger keeps its whole names: they are signed. A tombstone has no currency (ISO 4217: XXX).
CREATE TABLE refunds_before AS SELECT * FROM refunds;
DROP TABLE refunds;

ALTER TABLE payments ADD COLUMN provider_reference TEXT NOT NULL DEFAULT '';
UPDATE payments SET id = REPLACE(id, 'payments/', ''), currency = CASE WHEN owner = '' THEN 'XXX' ELSE currency END;

CREATE TABLE refunds (
    id                 TEXT   NOT NULL PRIMARY KEY,
    payment            TEXT   NOT NULL REFERENCES payments (id),
    state              BIGINT NOT NULL CHECK (state BETWEEN 1 AND 3),
    currency           TEXT   NOT NULL,
    amount             BIGINT NOT NULL CHECK (amount > 0),
    reason             TEXT   NOT NULL,
    provider_reference TEXT   NOT NULL,
    -- When the provider was last asked.
    asked              BIGINT NOT NULL,
    created            BIGINT NOT NULL
);
INSERT INTO refunds (id, payment, state, currency, amount, reason, provider_reference, asked, created)
    SELECT REPLACE(id, 'refunds/', ''), REPLACE(payment, 'payments/', ''), state, currency, amount, reason, '', asked,
        created FROM refunds_before;
DROP TABLE refunds_before;
CREATE INDEX refunds_by_payment ON refunds (payment, id);
CREATE INDEX refunds_pending ON refunds (asked) WHERE state = 1;
