//! What happens in one transaction.

pub mod import_sample;
