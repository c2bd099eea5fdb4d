//! `envoy.filters.network.http_connection_manager`: turns a connection's bytes into requests and runs them through the filter chain.

mod exchange;

pub use exchange::Exchange;
