-- Times are microseconds UTC. Ids are stored without their collection: `prd_...`.
-- "C" collation orders ids and paths by byte, as SQLite does.

CREATE TABLE channels (
    name TEXT NOT NULL PRIMARY KEY,
    currency TEXT NOT NULL,
    profile TEXT NOT NULL -- JSON: title, locale, tax mode, countries
);

INSERT INTO channels (name, currency, profile) VALUES (
    'channels/default', 'USD',
    '{"title":"Default","locale":"en-US","tax_mode":"EXCLUSIVE","countries":["US","CA"]}'
);

CREATE TABLE attribute_definitions (
    key TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL
);

CREATE TABLE categories (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    parent TEXT NOT NULL, -- empty for a root
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    depth BIGINT NOT NULL,
    path TEXT COLLATE "C" NOT NULL, -- ids from the root to itself, joined by '/'
    UNIQUE (parent, code)
);

CREATE INDEX categories_by_path ON categories (path);

-- Counts moves of categories. The search index holds the titles above each product, so a move makes it rebuild.
CREATE TABLE taxonomy (
    id BIGINT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);

INSERT INTO taxonomy (id, revision) VALUES (1, 1);

-- What is filtered by has a column; the rest of a product is one JSON document.
CREATE TABLE products (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    seller TEXT NOT NULL,
    state TEXT NOT NULL,
    category TEXT NOT NULL, -- empty when not placed
    brand TEXT NOT NULL,
    product_type TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    content TEXT NOT NULL
);

CREATE INDEX products_by_seller ON products (seller, id);
CREATE INDEX products_by_category ON products (category, id);
CREATE INDEX products_by_brand ON products (brand, id);
CREATE INDEX products_by_type ON products (product_type, id);

-- Keeps SKUs unique and finds the product of a variant.
CREATE TABLE variants (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    product TEXT NOT NULL REFERENCES products (id)
);

CREATE INDEX variants_by_product ON variants (product);
