//! What happens in one transaction: load, decide, remember, tell.

pub mod addresses;
pub mod attempts;
pub mod open_account;
pub mod purge;
pub mod roles;
pub mod rotate_keys;
pub mod sessions;
pub mod update_user;
