//! What this service publishes. It consumes nothing.

pub mod published;
