//! Full-text search over active products: an index on disk, one per instance, rebuildable from the event table.

mod collector;
mod document;
mod facets;
mod fold;
mod index;
mod query;
mod schema;

pub use document::Offer;
pub use facets::{FacetCounts, FacetField};
pub use index::{Cursor, Hit, IndexError, ProductIndex, Writer};
pub use query::{Criteria, Order};

#[cfg(test)]
mod tests;
