-- What a database knows of itself and of the files beside it, such as fingerprints of the keys it was written with.
CREATE TABLE kit_facts (
    name  TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);
-- The event at `position`: a producer whose log has another one there, or none, has lost what was received from it.
ALTER TABLE kit_cursors ADD COLUMN event_id TEXT NOT NULL DEFAULT '';
