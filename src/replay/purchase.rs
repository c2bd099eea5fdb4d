//! One basket on its way to an order: a pure state machine over what is in the journal.

use super::entry::{Event, Line};

/// How far a purchase is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was asked yet.
    New,
    /// A cart may have been opened.
    Opening,
    /// The cart is there.
    Carted,
    /// The checkout may have been started.
    CheckingOut,
    /// The checkout failed.
    Refused { reason: String, variants: Vec<String> },
    /// These variants may be out of the cart.
    TakingOut { variants: Vec<String> },
    /// The order is there.
    Placed,
    /// The shopper has read it.
    Read,
    /// It may have been shipped.
    Shipping,
    /// It was shipped.
    Shipped,
    /// The shopper left.
    GaveUp { usable: bool },
}

/// An order as its shopper knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ordered {
    /// `orders/...`.
    pub name: String,
    /// Number for people; 0 until it was read.
    pub number: i64,
    /// Its total as the shop told it; 0 until it was read.
    pub told_cents: i64,
}

/// A basket and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    pub basket: i64,
    pub household: i64,
    /// What is in the cart.
    pub lines: Vec<Line>,
    pub stage: Stage,
    /// `carts/...`; empty before.
    pub cart: String,
    /// Checkouts that were refused.
    pub refusals: Vec<String>,
    /// Why it was given up before any checkout.
    pub turned_away: Option<String>,
    pub order: Option<Ordered>,
}

impl Purchase {
    /// A basket nobody has asked anything for.
    pub fn new(basket: i64, household: i64, lines: Vec<Line>) -> Self {
        Self {
            basket,
            household,
            lines,
            stage: Stage::New,
            cart: String::new(),
            refusals: Vec::new(),
            turned_away: None,
            order: None,
        }
    }

    /// What the order costs by the prices of the catalogue, in cents.
    pub fn cents(&self) -> i64 {
        self.lines.iter().map(|Line(_, units, cents)| units * cents).sum()
    }

    /// Which attempt to check out is the next or running one, from 0.
    pub fn attempt(&self) -> usize {
        self.refusals.len()
    }

    /// How it pays: most with a card that works, a fixed few with another the first time. Which ones follows from the
    /// basket alone.
    pub fn payment_token(&self) -> &'static str {
        match (self.attempt(), self.lot(0) % 1000) {
            (0, 0..10) => "tok_decline",
            (0, 10..13) => "tok_timeout_then_approve",
            (0, 13..16) => "tok_unknown",
            _ => "tok_approve",
        }
    }

    /// Whether the order is sent off, so that its money moves: one in five.
    pub fn is_shipped(&self) -> bool {
        self.lot(1).is_multiple_of(5)
    }

    /// Whether nothing is left to do.
    pub fn is_settled(&self) -> bool {
        match self.stage {
            Stage::Shipped | Stage::GaveUp { .. } => true,
            Stage::Read => !self.is_shipped(),
            _ => false,
        }
    }

    /// A number that follows from the basket and looks like chance (the finalizer of SplitMix64).
    fn lot(&self, of: u64) -> u64 {
        let mut lot = self.basket.cast_unsigned().wrapping_add((of + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        lot = (lot ^ (lot >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        lot = (lot ^ (lot >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        lot ^ (lot >> 31)
    }

    /// What is known after `event`.
    pub fn take(&mut self, event: &Event) {
        self.stage = match event.clone() {
            Event::CreateCart { lines, .. } => {
                self.lines = lines;
                Stage::Opening
            }
            Event::CartCreated { cart } => {
                self.cart = cart;
                Stage::Carted
            }
            Event::StartCheckout { .. } => Stage::CheckingOut,
            Event::Refused { reason, variants } => {
                self.refusals.push(reason.clone());
                Stage::Refused { reason, variants }
            }
            Event::TakeOut { variants } => Stage::TakingOut { variants },
            Event::TakenOut { variants } => {
                self.lines.retain(|Line(variant, ..)| !variants.contains(variant));
                Stage::Carted
            }
            Event::Placed { order } => {
                self.order = Some(Ordered { name: order, ..Ordered::default() });
                Stage::Placed
            }
            Event::OrderRead { number, cents } => {
                if let Some(order) = &mut self.order {
                    (order.number, order.told_cents) = (number, cents);
                }
                Stage::Read
            }
            Event::Ship { .. } => Stage::Shipping,
            Event::Shipped => Stage::Shipped,
            Event::GaveUp { reason, usable } => {
                if self.refusals.is_empty() {
                    self.turned_away = Some(reason);
                }
                Stage::GaveUp { usable }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purchase(basket: i64) -> Purchase {
        Purchase::new(basket, 1, vec![Line("variants/a".into(), 2, 150), Line("variants/b".into(), 1, 99)])
    }

    #[test]
    fn a_refused_line_goes_and_the_rest_is_bought() {
        let mut purchase = purchase(7);
        let variants = vec!["variants/a".to_owned()];
        for event in [
            Event::CreateCart { household: 1, request_id: String::new(), lines: purchase.lines.clone() },
            Event::CartCreated { cart: "carts/c".into() },
            Event::StartCheckout { request_id: String::new(), payment_token: String::new() },
            Event::Refused { reason: "STOCK".into(), variants: variants.clone() },
            Event::TakeOut { variants: variants.clone() },
            Event::TakenOut { variants },
        ] {
            purchase.take(&event);
        }
        assert_eq!((purchase.attempt(), purchase.cents(), &purchase.stage), (1, 99, &Stage::Carted));
        purchase.take(&Event::Placed { order: "orders/o".into() });
        purchase.take(&Event::OrderRead { number: 1001, cents: 99 });
        purchase.take(&Event::Shipped);
        assert!(purchase.is_settled());
        assert_eq!(purchase.order.unwrap().number, 1001);
    }

    #[test]
    fn every_kind_of_payment_is_made_and_a_second_one_is_good() {
        let mut counts = std::collections::BTreeMap::<_, usize>::new();
        let mut shipped = 0;
        for basket in 0..10_000 {
            *counts.entry(purchase(basket).payment_token()).or_default() += 1;
            shipped += usize::from(purchase(basket).is_shipped());
        }
        assert_eq!(counts.len(), 4);
        assert!((60..=140).contains(&counts["tok_decline"]), "{counts:?}");
        assert!((1800..=2200).contains(&shipped), "{shipped}");
        let mut again = purchase(0);
        again.take(&Event::Refused { reason: "PAYMENT_DECLINED".into(), variants: Vec::new() });
        assert_eq!(again.payment_token(), "tok_approve");
    }
}
