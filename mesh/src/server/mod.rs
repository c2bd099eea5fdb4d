//! The answering end of a call. In order: TLS proves the peer; the contract says whether that peer may open the RPC;
//! the user's token is checked; the contract says whether that user may; a deadline runs; the codec validates; the
//! handler names the resource to `Call::authorize`.

mod authorize;
mod body;
mod bound;
mod builder;
mod call;
mod challenge;
pub(crate) mod deadline;
mod handle;
mod http_route;
mod jwks;
mod revocations;
mod run;
mod status_service;
mod tokens;

pub use crate::net::listener::BindError;
pub use bound::{BoundServer, HealthHandle};
pub use builder::{MeshServer, MeshServerBuilder, Reflected, StartError};
pub use call::{Call, Principal, Resource, Visibility};
pub use http_route::{HttpHandler, HttpRoute};
pub use jwks::JwksVerifier;
pub use tokens::{AUDIENCE, Claims, ISSUER, KeySet, RoleBinding, TokenError, TokenVerifier, verify_with};
