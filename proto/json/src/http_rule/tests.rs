//! Templates, the table of routes and bindings, on the contracts and on made-up templates.

mod binding;
mod routes;
