//! Decisions about money. Pure.

pub mod card_number;
pub mod ledger;
pub mod payment;
