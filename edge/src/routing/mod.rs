//! `route_config`: virtual hosts and their routes, in first-match order.

mod action;
mod config;
mod matching;
mod route_table;

pub use action::{Action, Forward, Timeouts, direct};
pub use config::{DataSource, RouteMatch};
pub use matching::{Matcher, is_grpc};
pub(crate) use route_table::RouteScope;
pub use route_table::{Route, RouteTable};
