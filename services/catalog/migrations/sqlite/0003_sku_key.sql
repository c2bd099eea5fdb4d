-- SKUs are compared without regard to case: this column holds them in lower case, and what was written stays in the product. Of
-- SKUs that differ in case alone the oldest variant has the key; the others get one that no SKU can be.
UPDATE variants SET sku = lower(sku) || '/' || id WHERE id NOT IN (SELECT MIN(id) FROM variants GROUP BY lower(sku));
UPDATE variants SET sku = lower(sku);
