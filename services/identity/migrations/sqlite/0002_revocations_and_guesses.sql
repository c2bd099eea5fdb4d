-- Access tokens that are void before they expire, for the services that check them. A row is kept until the last of these
-- tokens has expired.
CREATE TABLE revocations (
    -- Microseconds since the epoch, made unique, so that it grows even when everything before was purged.
    position      BIGINT NOT NULL PRIMARY KEY,
    -- sessions/... or users/...
    subject       TEXT   NOT NULL,
    -- Of a user: tokens that name a lower version of the account are void. Of a session: 0, all are.
    below_version BIGINT NOT NULL,
    expires       BIGINT NOT NULL
);
CREATE INDEX revocations_by_subject ON revocations (subject);
CREATE INDEX revocations_by_expiry ON revocations (expires);

-- Wrong passwords, by account and client address, by client address, and by account. Keys are HMACs: known accounts and
-- others alike, and no address of either kind is readable.
DROP TABLE sign_in_attempts;
CREATE TABLE sign_in_failures (
    counter  BLOB   NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    -- When the next password may be tried, and when the last one was.
    opens    BIGINT NOT NULL,
    tried    BIGINT NOT NULL
);
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (tried);

-- Client addresses, as HMACs with the account, that accounts were used from.
CREATE TABLE known_places (
    place   BLOB   NOT NULL PRIMARY KEY,
    user_id TEXT   NOT NULL REFERENCES users (id),
    used    BIGINT NOT NULL
);
CREATE INDEX known_places_by_user ON known_places (user_id, used);
CREATE INDEX known_places_by_time ON known_places (used);
