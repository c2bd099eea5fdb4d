-- Stock by variant and location, its movements, and what is set aside.
CREATE TABLE locations (
    id       TEXT   NOT NULL PRIMARY KEY,
    title    TEXT   NOT NULL,
    priority BIGINT NOT NULL
);

CREATE TABLE stock (
    variant   TEXT   NOT NULL,
    location  TEXT   NOT NULL REFERENCES locations (id),
    seller    TEXT   NOT NULL,
    on_hand   BIGINT NOT NULL CHECK (on_hand >= 0),
    held      BIGINT NOT NULL CHECK (held >= 0),
    allocated BIGINT NOT NULL CHECK (allocated >= 0),
    version   BIGINT NOT NULL,
    PRIMARY KEY (variant, location),
    CHECK (on_hand - held - allocated >= 0)
);
CREATE INDEX stock_by_seller ON stock (seller, variant, location);

CREATE TABLE movements (
    id        TEXT   NOT NULL PRIMARY KEY,
    variant   TEXT   NOT NULL,
    location  TEXT   NOT NULL,
    delta     BIGINT NOT NULL,
    reason    BIGINT NOT NULL,
    reference TEXT   NOT NULL,
    created   BIGINT NOT NULL
);
CREATE INDEX movements_by_variant ON movements (variant, location, id);

-- `lines` is what was asked for; empty in a tombstone, which bars a late request for an owner already released.
CREATE TABLE reservations (
    id      TEXT   NOT NULL PRIMARY KEY,
    owner   TEXT   NOT NULL UNIQUE,
    state   BIGINT NOT NULL,
    lines   TEXT   NOT NULL,
    expires BIGINT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX reservations_due ON reservations (state, expires);

CREATE TABLE reservation_units (
    reservation TEXT   NOT NULL REFERENCES reservations (id),
    variant     TEXT   NOT NULL,
    location    TEXT   NOT NULL,
    quantity    BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (reservation, variant, location)
);
CREATE INDEX reservation_units_by_variant ON reservation_units (variant, location);

-- Rows that a count has set, so that repeating the count changes nothing.
CREATE TABLE counts (
    count_id TEXT NOT NULL,
    variant  TEXT NOT NULL,
    location TEXT NOT NULL,
    PRIMARY KEY (count_id, variant, location)
);
