//! Decisions about money: pure, no database, no provider, no clock.

pub mod answer;
pub mod ledger;
pub mod payment;
pub mod refund;
pub mod trial_balance;
