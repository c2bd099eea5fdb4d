//! Typed ids of what this service makes.

use shopmesh_kit::typed_id;

typed_id!(
    /// What is sold, with its variants.
    pub ProductId, "products", "prd"
);
typed_id!(
    /// One buyable form of a product.
    pub VariantId, "variants", "var"
);
typed_id!(
    /// A node of the category tree.
    pub CategoryId, "categories", "cat"
);
