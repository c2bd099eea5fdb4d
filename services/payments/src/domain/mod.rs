//! Decisions about money: pure, no database, no provider, no clock.

pub mod ids;
pub mod ledger;
pub mod payment;
pub mod refund;
