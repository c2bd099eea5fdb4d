//! `route_config`: virtual hosts and their routes, in first-match order.

mod action;
mod config;
mod matching;
mod route_table;

pub use action::{Action, Forward, Timeouts, direct};
pub use config::RouteMatch;
pub use matching::Matcher;
pub use route_table::{PerRouteConfig, ReadFilterConfig, Route, RouteScope, RouteTable};
