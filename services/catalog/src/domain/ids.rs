//! Resource names of the catalogue.

use shopmesh_kit::typed_id;

typed_id!(pub ProductId, "products", "prd");
typed_id!(pub VariantId, "variants", "var");
typed_id!(pub CategoryId, "categories", "cat");
