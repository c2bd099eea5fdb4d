//! What every service of shopmesh stands on: database, events, sagas, idempotency, typed values and the host that serves it all.
//!
//! The rules it keeps: one short transaction holds state, idempotency key and events; no transaction is open across a
//! network call; a cancelled call changes nothing; a closed set of errors reaches callers.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod card_number;
pub mod clock;
pub mod db;
pub mod error;
pub mod etag;
pub mod events;
mod facts;
pub mod idempotency;
pub mod ids;
pub mod key_file;
pub mod money;
pub mod page;
pub mod rpcs;
pub mod saga;
pub mod sealed;
pub mod service;
pub mod settings;

#[cfg(test)]
mod testing;

use std::{future::Future, pin::Pin};

/// A boxed future, as jobs, handlers and sagas return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub use error::{Error, ErrorKind, Result};
#[doc(hidden)]
pub use serde;
pub use shopmesh_mesh::{ServiceName, net::backoff::Backoff, server};
