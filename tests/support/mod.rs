//! A running shop and its clients.

pub mod client;
pub mod poll;
pub mod shop;

pub use client::Account;
pub use poll::eventually;
pub use shop::Shop;
