//! A running shop and its clients.

pub mod client;
pub mod envoy;
pub mod grpc;
pub mod http;
pub mod json;
pub mod namespace;
pub mod noise;
pub mod poll;
pub mod postgres;
pub mod process;
pub mod shop;

pub use client::Account;
pub use poll::{eventually, within};
pub use postgres::Postgres;
pub use process::Process;
pub use shop::Shop;
