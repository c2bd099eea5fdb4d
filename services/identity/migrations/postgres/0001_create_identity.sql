-- Accounts, sessions, roles and keys. Columns named sealed_* hold AES-256-GCM ciphertext under the key of the person
-- (or of this service), so no e-mail address, name or postal address can be read from a copy of the file.
CREATE TABLE users (
    id             TEXT   NOT NULL PRIMARY KEY,
    -- HMAC-SHA-256 of the normalised address: found and kept unique without being readable.
    email_key      BYTEA  NOT NULL UNIQUE,
    sealed_profile BYTEA  NOT NULL,
    password_hash  TEXT   NOT NULL,
    locale         TEXT   NOT NULL,
    state          BIGINT NOT NULL CHECK (state IN (1, 2)),
    addresses      BIGINT NOT NULL CHECK (addresses BETWEEN 0 AND 100),
    -- When the owner was last told that somebody signed up with the address; 0: never.
    repeat_told    BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    created        BIGINT NOT NULL,
    updated        BIGINT NOT NULL
);

CREATE TABLE role_bindings (
    user_id TEXT   NOT NULL REFERENCES users (id),
    role    TEXT   NOT NULL,
    scope   TEXT   NOT NULL,
    granted BIGINT NOT NULL,
    PRIMARY KEY (user_id, role, scope)
);
CREATE INDEX role_bindings_by_role ON role_bindings (role);

CREATE TABLE addresses (
    id             TEXT   NOT NULL PRIMARY KEY,
    user_id        TEXT   NOT NULL REFERENCES users (id),
    sealed_address BYTEA  NOT NULL,
    created        BIGINT NOT NULL
);
CREATE INDEX addresses_by_user ON addresses (user_id, id);

-- Open sessions only: one that ends is deleted with its tokens, and its event remains.
CREATE TABLE sessions (
    id        TEXT   NOT NULL PRIMARY KEY,
    user_id   TEXT   NOT NULL REFERENCES users (id),
    created   BIGINT NOT NULL,
    last_used BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires);

-- SHA-256 of refresh tokens. Spent ones stay as long as their session, to recognise reuse.
CREATE TABLE refresh_tokens (
    token_hash BYTEA  NOT NULL PRIMARY KEY,
    session_id TEXT   NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    spent      BIGINT
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- Password attempts per address, known or not, since the first of the window.
CREATE TABLE sign_in_attempts (
    email_key BYTEA  NOT NULL PRIMARY KEY,
    attempts  BIGINT NOT NULL,
    since     BIGINT NOT NULL
);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (since);

CREATE TABLE signing_keys (
    id          TEXT   NOT NULL PRIMARY KEY,
    sealed_seed BYTEA  NOT NULL,
    signs_from  BIGINT NOT NULL UNIQUE
);

CREATE TABLE service_secrets (
    name          TEXT NOT NULL PRIMARY KEY,
    sealed_secret BYTEA NOT NULL
);
