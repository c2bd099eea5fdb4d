-- Who sells each variant, as the catalogue tells it. Nothing else says whose its units are.
CREATE TABLE variants (
    name   TEXT NOT NULL PRIMARY KEY,
    seller TEXT NOT NULL
);
