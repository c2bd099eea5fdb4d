//! What stands outside of a shop and drives it, for demonstrations and measurements: real data, real shopping, and the
//! client and the figures that benchmarks share with it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod complete_journey;
pub mod http;
pub mod import;
pub mod latencies;
mod progress;
pub mod replay;
mod shop;

pub use shop::ShopArgs;
