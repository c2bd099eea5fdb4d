-- What lies where, why, and who holds it. The conditions are the last line of defence: code checks first.
CREATE TABLE locations (
    name     TEXT   NOT NULL PRIMARY KEY,
    title    TEXT   NOT NULL,
    priority BIGINT NOT NULL CHECK (priority BETWEEN 0 AND 1000)
);

CREATE TABLE stock (
    variant   TEXT   NOT NULL,
    location  TEXT   NOT NULL REFERENCES locations (name),
    seller    TEXT   NOT NULL,
    on_hand   BIGINT NOT NULL,
    held      BIGINT NOT NULL CHECK (held >= 0),
    allocated BIGINT NOT NULL CHECK (allocated >= 0),
    version   BIGINT NOT NULL,
    PRIMARY KEY (variant, location),
    CONSTRAINT stock_covers_promises CHECK (on_hand - held - allocated >= 0)
);
CREATE INDEX stock_by_seller ON stock (seller, variant, location);

-- On hand is the sum of these.
CREATE TABLE movements (
    id        TEXT   NOT NULL PRIMARY KEY,
    variant   TEXT   NOT NULL,
    location  TEXT   NOT NULL,
    delta     BIGINT NOT NULL CHECK (delta <> 0),
    reason    BIGINT NOT NULL,
    reference TEXT   NOT NULL,
    created   BIGINT NOT NULL
);
CREATE INDEX movements_by_variant ON movements (variant, id);

-- Rows that a count has set; a repeat skips them.
CREATE TABLE counted (
    count_id TEXT NOT NULL,
    variant  TEXT NOT NULL,
    location TEXT NOT NULL,
    PRIMARY KEY (count_id, variant, location)
);

-- State: 1 held, 2 committed, 3 fulfilled, 4 released, 5 expired. A released one without units bars its owner.
CREATE TABLE reservations (
    id      TEXT   NOT NULL PRIMARY KEY,
    owner   TEXT   NOT NULL UNIQUE,
    state   BIGINT NOT NULL CHECK (state BETWEEN 1 AND 5),
    expires BIGINT NOT NULL,
    updated BIGINT NOT NULL
);
CREATE INDEX reservations_due ON reservations (expires, owner) WHERE state = 1;
CREATE INDEX reservations_open ON reservations (id, state) WHERE state IN (1, 2);

CREATE TABLE reservation_units (
    reservation TEXT   NOT NULL REFERENCES reservations (id),
    variant     TEXT   NOT NULL,
    location    TEXT   NOT NULL,
    quantity    BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (reservation, variant, location)
);
