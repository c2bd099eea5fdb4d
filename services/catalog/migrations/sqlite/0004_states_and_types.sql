-- Enumerations are the numbers of the contract, as in every service. An unknown word fails: it would be NULL.
ALTER TABLE products ADD COLUMN state_number BIGINT NOT NULL DEFAULT 0;
UPDATE products SET state_number = CASE state WHEN 'DRAFT' THEN 1 WHEN 'ACTIVE' THEN 2 WHEN 'ARCHIVED' THEN 3 END;
ALTER TABLE products DROP COLUMN state;
ALTER TABLE products RENAME COLUMN state_number TO state;

ALTER TABLE attribute_definitions ADD COLUMN kind_number BIGINT NOT NULL DEFAULT 0;
UPDATE attribute_definitions SET kind_number = CASE kind WHEN 'TEXT' THEN 1 WHEN 'NUMBER' THEN 2 WHEN 'FLAG' THEN 3 END;
ALTER TABLE attribute_definitions DROP COLUMN kind;
ALTER TABLE attribute_definitions RENAME COLUMN kind_number TO kind;
