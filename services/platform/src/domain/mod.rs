//! What the answers of the services add up to.

pub mod report;
