-- Swatches. A color is 0xRRGGBB.
CREATE TABLE samples (
    name  TEXT   NOT NULL PRIMARY KEY,
    color BIGINT NOT NULL CHECK (color BETWEEN 0 AND 16777215)
);
