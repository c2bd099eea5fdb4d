//! What is written down: before a request what it will be, with its request id, and afterwards what came of it.

use serde::{Deserialize, Serialize};

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// The first line. `run` is part of every request id, so that another journal has others.
    Opened { run: u32 },
    /// The stock before anything was bought, of variants that no earlier line has.
    Baseline { stock: Vec<Stocked> },
    /// An account is about to be opened.
    SignUp { household: i64 },
    /// It is signed in, as `users/...`.
    SignedIn { household: i64, user: String },
    /// Something about a basket.
    Basket {
        basket: i64,
        #[serde(flatten)]
        event: Event,
    },
}

/// Variant, units on hand, held and allocated, over all locations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stocked(pub String, pub Units);

/// Units of a variant over all locations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub on_hand: i64,
    pub held: i64,
    pub allocated: i64,
}

/// Variant, units, and the price of one in cents as the catalog told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line(pub String, pub i64, pub i64);

/// A step of a purchase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A cart is about to be opened.
    CreateCart { household: i64, request_id: String, lines: Vec<Line> },
    /// It is there, as `carts/...`.
    CartCreated { cart: String },
    /// A checkout is about to be started.
    StartCheckout { request_id: String, payment_token: String },
    /// It failed, for good: nothing was bought.
    Refused { reason: String, variants: Vec<String> },
    /// These variants are about to be taken out of the cart.
    TakeOut { variants: Vec<String> },
    /// They are out.
    TakenOut { variants: Vec<String> },
    /// The checkout made `orders/...`.
    Placed { order: String },
    /// The order as the shopper reads it.
    OrderRead { number: i64, cents: i64 },
    /// It is about to be shipped.
    Ship { request_id: String },
    /// It left, and its payment was captured.
    Shipped,
    /// The shopper leaves without an order. `usable` says that the cart could still be used, if there was one.
    GaveUp { reason: String, usable: bool },
}
