//! Full-text search over active products: an index on disk, one per instance, rebuildable from the event table.

mod collector;
mod document;
mod facets;
mod fold;
mod index;
mod indexer;
mod query;
mod schema;
mod taxonomy;

pub use facets::{FacetCounts, FacetField};
pub use index::{Hit, Offer, ProductIndex};
pub use indexer::Indexer;
pub use query::{Criteria, Order};
pub use taxonomy::Taxonomy;

#[cfg(test)]
mod tests;
