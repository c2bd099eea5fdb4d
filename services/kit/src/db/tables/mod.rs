//! The kit's own tables: the one place that knows their columns. Rules are elsewhere, and call these functions.

pub(crate) mod cursors;
pub(crate) mod events;
pub(crate) mod facts;
pub(crate) mod idempotency;
pub(crate) mod inbox;
pub(crate) mod person_keys;
pub(crate) mod sagas;

/// The kit's migrations have a table of their own to be noted in, so that their versions do not clash with the service's.
pub(super) const MIGRATIONS: &str = "kit_migrations";
