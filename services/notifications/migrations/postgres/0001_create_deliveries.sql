-- Messages to people. A recipient is a name: addresses are asked of identity when a message is sent, and never kept.
CREATE TABLE deliveries (
    id               TEXT   NOT NULL PRIMARY KEY,
    event_id         TEXT   NOT NULL,
    recipient        TEXT   NOT NULL,
    channel          BIGINT NOT NULL CHECK (channel IN (1)),
    template         TEXT   NOT NULL,
    subject_resource TEXT   NOT NULL,
    -- JSON object of texts.
    variables        TEXT   NOT NULL,
    -- 1 queued, 2 sent, 3 failed.
    state            BIGINT NOT NULL CHECK (state IN (1, 2, 3)),
    attempts         BIGINT NOT NULL,
    last_error       TEXT   NOT NULL,
    -- When to try next; while a try runs, when it counts as lost.
    due              BIGINT NOT NULL,
    created          BIGINT NOT NULL,
    sent             BIGINT,
    UNIQUE (event_id, recipient, channel)
);
CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 1;
CREATE INDEX deliveries_by_recipient ON deliveries (recipient, id);
CREATE INDEX deliveries_by_subject ON deliveries (subject_resource, id);
