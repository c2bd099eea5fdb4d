//! `envoy.filters.network.http_connection_manager`: turns a connection's bytes into requests and runs them through the filter chain.

mod access_log;
mod config;
mod filter_chain;
mod idle;
mod lingering;
mod listener;
mod path;
mod random;
mod sanitize;
mod stats;
mod upload;

pub(crate) use filter_chain::ConnectionManager;
pub(crate) use listener::BoundListener;
