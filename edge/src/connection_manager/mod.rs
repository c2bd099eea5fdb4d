//! `envoy.filters.network.http_connection_manager`: turns a connection's bytes into requests and runs them through the filter chain.

mod access_log;
mod buffers;
mod collect;
mod config;
mod exchange;
mod filter_chain;
mod idle;
mod lingering;
mod listener;
mod path;
mod random;
mod sanitize;
mod strip;
mod upload;

pub(crate) use buffers::{BufferBudget, HeldBody, Reservation};
pub(crate) use collect::{Incomplete, collect_answer, collect_request};
pub use exchange::Exchange;
pub(crate) use filter_chain::ConnectionManager;
pub(crate) use listener::BoundListener;
pub(crate) use random::random_u32;
pub(crate) use strip::strip_hop_by_hop;
