-- Ids stand in rows without their collection (`usr_...`), roles as the numbers of the contract: 1 shopper, 2 seller,
-- 3 operator. Tables that refer to one another are made anew; neither engine could turn one of two keys alone. What is
-- sealed stays bound to whole names, and so do the subjects of revocations, which are of two collections.
CREATE TABLE old_users AS SELECT * FROM users;
CREATE TABLE old_role_bindings AS SELECT * FROM role_bindings;
CREATE TABLE old_addresses AS SELECT * FROM addresses;
CREATE TABLE old_sessions AS SELECT * FROM sessions;
CREATE TABLE old_refresh_tokens AS SELECT * FROM refresh_tokens;
CREATE TABLE old_known_places AS SELECT * FROM known_places;
DROP TABLE known_places;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE addresses;
DROP TABLE role_bindings;
DROP TABLE users;

CREATE TABLE users (
    id             TEXT   NOT NULL PRIMARY KEY,
    -- HMAC-SHA-256 of the normalized address: found and kept unique without being readable.
    email_key      BLOB   NOT NULL UNIQUE,
    sealed_profile BLOB   NOT NULL,
    password_hash  TEXT   NOT NULL,
    locale         TEXT   NOT NULL,
    -- 1 active, 2 suspended.
    state          BIGINT NOT NULL CHECK (state IN (1, 2)),
    addresses      BIGINT NOT NULL CHECK (addresses BETWEEN 0 AND 100),
    -- When the owner was last told that somebody signed up with the address; 0: never.
    repeat_told    BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    created        BIGINT NOT NULL,
    updated        BIGINT NOT NULL
);
INSERT INTO users (id, email_key, sealed_profile, password_hash, locale, state, addresses, repeat_told, version, created,
    updated)
SELECT substr(id, 7), email_key, sealed_profile, password_hash, locale, state, addresses, repeat_told, version, created,
    updated
FROM old_users;

CREATE TABLE role_bindings (
    user_id TEXT   NOT NULL REFERENCES users (id),
    role    BIGINT NOT NULL,
    scope   TEXT   NOT NULL,
    granted BIGINT NOT NULL,
    PRIMARY KEY (user_id, role, scope)
);
INSERT INTO role_bindings (user_id, role, scope, granted)
SELECT substr(user_id, 7), CASE role WHEN 'shopper' THEN 1 WHEN 'seller' THEN 2 WHEN 'operator' THEN 3 END, scope, granted
FROM old_role_bindings;
CREATE INDEX role_bindings_by_role ON role_bindings (role);

CREATE TABLE addresses (
    id             TEXT   NOT NULL PRIMARY KEY,
    user_id        TEXT   NOT NULL REFERENCES users (id),
    sealed_address BLOB   NOT NULL,
    created        BIGINT NOT NULL
);
INSERT INTO addresses (id, user_id, sealed_address, created)
SELECT id, substr(user_id, 7), sealed_address, created FROM old_addresses;
CREATE INDEX addresses_by_user ON addresses (user_id, id);

-- Open sessions only: one that ends is deleted with its tokens, and its event remains.
CREATE TABLE sessions (
    id        TEXT   NOT NULL PRIMARY KEY,
    user_id   TEXT   NOT NULL REFERENCES users (id),
    created   BIGINT NOT NULL,
    last_used BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);
INSERT INTO sessions (id, user_id, created, last_used, expires)
SELECT substr(id, 10), substr(user_id, 7), created, last_used, expires FROM old_sessions;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires);

-- SHA-256 of refresh tokens. Of spent ones a session keeps the last, to recognize reuse.
CREATE TABLE refresh_tokens (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    session_id TEXT   NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    spent      BIGINT
);
INSERT INTO refresh_tokens (token_hash, session_id, spent)
SELECT token_hash, substr(session_id, 10), spent FROM old_refresh_tokens;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- Client addresses, as HMACs with the account, that accounts were used from.
CREATE TABLE known_places (
    place   BLOB   NOT NULL PRIMARY KEY,
    user_id TEXT   NOT NULL REFERENCES users (id),
    used    BIGINT NOT NULL
);
INSERT INTO known_places (place, user_id, used)
SELECT place, substr(user_id, 7), used FROM old_known_places;
CREATE INDEX known_places_by_user ON known_places (user_id, used);
CREATE INDEX known_places_by_time ON known_places (used);

DROP TABLE old_known_places;
DROP TABLE old_refresh_tokens;
DROP TABLE old_sessions;
DROP TABLE old_addresses;
DROP TABLE old_role_bindings;
DROP TABLE old_users;

UPDATE signing_keys SET id = substr(id, 6);
