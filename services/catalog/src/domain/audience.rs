//! Who sees which products.

use super::product::{Product, ProductState};

/// Who looks at products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Active products only.
    Public,
    /// Active products, and all of these sellers.
    Sellers(Vec<String>),
    /// Everything.
    Operator,
}

impl Audience {
    /// Whether `product` is visible.
    pub fn sees(&self, product: &Product) -> bool {
        product.state == ProductState::Active
            || match self {
                Self::Public => false,
                Self::Sellers(sellers) => sellers.contains(&product.seller),
                Self::Operator => true,
            }
    }
}
