//! The mesh over real sockets: servers and clients with real certificates and contracts, in one process.

#![allow(clippy::unwrap_used)]

mod authorization;
mod calls;
mod cardinality;
mod drain;
mod expectation;
mod floods;
mod goaway;
mod handshake;
mod limits;
mod revocation;
mod rotation;
mod shared;
mod support;
mod tokens;
