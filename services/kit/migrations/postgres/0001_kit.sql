-- Tables of the kit, the same in every service's database.

-- Published facts: append-only, hash-chained per subject; the truth, and the outbox.
CREATE TABLE kit_events (
    position     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           TEXT   NOT NULL UNIQUE,
    source       TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    sequence     BIGINT NOT NULL CHECK (sequence > 0),
    at           BIGINT NOT NULL,
    traceparent  TEXT   NOT NULL,
    causation_id TEXT   NOT NULL,
    type_url     TEXT   NOT NULL,
    data         BYTEA   NOT NULL,
    prev_hash    BYTEA   NOT NULL,
    hash         BYTEA   NOT NULL,
    UNIQUE (subject, sequence)
);
CREATE FUNCTION kit_events_keep() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'kit_events is append-only'; END $$;
CREATE TRIGGER kit_events_keep BEFORE UPDATE ON kit_events FOR EACH ROW EXECUTE FUNCTION kit_events_keep();

-- How far each producer's log has been received; moves in the transaction that fills the inbox.
CREATE TABLE kit_cursors (
    name     TEXT   NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);

-- Received events, one row per handler. state: 0 pending, 1 done, 2 parked.
CREATE TABLE kit_inbox (
    position    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id    TEXT   NOT NULL,
    handler     TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    envelope    BYTEA   NOT NULL,
    state       BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    problem     TEXT   NOT NULL,
    UNIQUE (event_id, handler)
);
CREATE INDEX kit_inbox_pending ON kit_inbox (handler, subject, position) WHERE state = 0;
CREATE INDEX kit_inbox_done ON kit_inbox (received_at) WHERE state = 1;

-- Saved replies of repeated requests.
CREATE TABLE kit_idempotency (
    principal    TEXT   NOT NULL,
    method       TEXT   NOT NULL,
    request_id   TEXT   NOT NULL,
    request_hash BYTEA   NOT NULL,
    reply        BYTEA   NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (principal, method, request_id)
);
CREATE INDEX kit_idempotency_expiry ON kit_idempotency (expires_at);

-- Running and finished sagas. `version` fences runners; `due_at` is when to look again.
CREATE TABLE kit_sagas (
    kind       TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    done       BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX kit_sagas_due ON kit_sagas (kind, due_at) WHERE done = 0;

-- One data key per person, wrapped by the service's master key; deleting a row makes all that person's data unreadable.
CREATE TABLE kit_person_keys (
    person  TEXT NOT NULL PRIMARY KEY,
    wrapped BYTEA NOT NULL
);
