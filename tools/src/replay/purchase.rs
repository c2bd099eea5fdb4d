//! One basket on its way to an order: a pure state machine over what is in the journal.

use std::collections::BTreeMap;

use anyhow::bail;

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
    /// Why it was given up, when that was not the last checkout's refusal.
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

    /// `orders/...`, if it became one.
    pub fn order_name(&self) -> Option<&str> {
        Some(self.order.as_ref()?.name.as_str())
    }

    /// What the order costs by the prices of the catalog, in cents.
    pub fn cents(&self) -> i64 {
        self.lines.iter().map(|Line(_, units, cents)| units * cents).sum()
    }

    /// Units by variant.
    pub fn units(&self) -> BTreeMap<&str, i64> {
        let mut units = BTreeMap::new();
        for Line(variant, quantity, _) in &self.lines {
            *units.entry(variant.as_str()).or_default() += quantity;
        }
        units
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
    pub fn ships(&self) -> bool {
        self.lot(1).is_multiple_of(5)
    }

    /// Whether nothing is left to do.
    pub fn is_settled(&self) -> bool {
        match self.stage {
            Stage::Shipped | Stage::GaveUp { .. } => true,
            Stage::Read => !self.ships(),
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

    /// What is known after `event`. What is about to be asked may be so again: its outcome was not written down.
    ///
    /// # Errors
    /// When it cannot follow what is known.
    pub fn take(&mut self, event: &Event) -> anyhow::Result<()> {
        self.stage = match (&self.stage, event.clone()) {
            (Stage::New | Stage::Opening, Event::CreateCart { household, lines, .. }) => {
                (self.household, self.lines) = (household, lines);
                Stage::Opening
            }
            (Stage::Opening, Event::CartCreated { cart }) => {
                self.cart = cart;
                Stage::Carted
            }
            (Stage::Carted | Stage::CheckingOut | Stage::Refused { .. }, Event::StartCheckout { .. }) => {
                Stage::CheckingOut
            }
            (Stage::CheckingOut, Event::Refused { reason, variants }) => {
                self.refusals.push(reason.clone());
                Stage::Refused { reason, variants }
            }
            (Stage::Refused { .. } | Stage::TakingOut { .. }, Event::TakeOut { variants }) => {
                Stage::TakingOut { variants }
            }
            (Stage::TakingOut { .. }, Event::TakenOut { variants }) => {
                self.lines.retain(|Line(variant, ..)| !variants.contains(variant));
                Stage::Carted
            }
            (Stage::CheckingOut, Event::Placed { order }) => {
                self.order = Some(Ordered { name: order, ..Ordered::default() });
                Stage::Placed
            }
            (Stage::Placed, Event::OrderRead { number, cents }) => {
                let read = |order| Ordered { number, told_cents: cents, ..order };
                self.order = self.order.take().map(read);
                Stage::Read
            }
            (Stage::Read | Stage::Shipping, Event::Ship { .. }) => Stage::Shipping,
            (Stage::Shipping, Event::Shipped) => Stage::Shipped,
            (Stage::Refused { .. }, Event::GaveUp { usable, .. }) => Stage::GaveUp { usable },
            (Stage::Opening | Stage::TakingOut { .. }, Event::GaveUp { reason, usable }) => {
                self.turned_away = Some(reason);
                Stage::GaveUp { usable }
            }
            (stage, event) => bail!("{event:?} cannot follow {stage:?}"),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purchase(basket: i64) -> Purchase {
        Purchase::new(basket, 1, vec![Line("variants/a".into(), 2, 150), Line("variants/b".into(), 1, 99)])
    }

    fn create_cart() -> Event {
        let lines = purchase(7).lines;
        Event::CreateCart { household: 1, request_id: String::new(), lines }
    }

    fn start_checkout() -> Event {
        Event::StartCheckout { request_id: String::new(), payment_token: String::new() }
    }

    fn refused(reason: &str, variants: &[String]) -> Event {
        Event::Refused { reason: reason.into(), variants: variants.to_vec() }
    }

    fn taken(events: &[Event]) -> Purchase {
        let mut purchase = purchase(7);
        for event in events {
            purchase.take(event).unwrap();
        }
        purchase
    }

    #[test]
    fn a_refused_line_goes_and_the_rest_is_bought() {
        let variants = vec!["variants/a".to_owned()];
        let mut purchase = taken(&[
            create_cart(),
            Event::CartCreated { cart: "carts/c".into() },
            start_checkout(),
            refused("STOCK", &variants),
            Event::TakeOut { variants: variants.clone() },
            Event::TakenOut { variants },
        ]);
        assert_eq!((purchase.attempt(), purchase.cents(), &purchase.stage), (1, 99, &Stage::Carted));
        for event in [
            start_checkout(),
            Event::Placed { order: "orders/o".into() },
            Event::OrderRead { number: 1001, cents: 99 },
            Event::Ship { request_id: String::new() },
            Event::Shipped,
        ] {
            purchase.take(&event).unwrap();
        }
        assert!(purchase.is_settled());
        assert_eq!(purchase.order.unwrap().number, 1001);
    }

    #[test]
    fn what_cannot_follow_is_refused_and_what_was_asked_may_be_asked_again() {
        let wrong = purchase(7).take(&Event::Shipped).unwrap_err().to_string();
        assert_eq!(wrong, "Shipped cannot follow New");
        let mut opening = taken(&[create_cart(), create_cart()]);
        let read = Event::OrderRead { number: 1001, cents: 99 };
        assert!(opening.take(&read).is_err(), "no order was placed");
        assert_eq!(opening.stage, Stage::Opening);
    }

    #[test]
    fn each_reason_is_kept_once() {
        let variants = vec!["variants/a".to_owned()];
        let cart = Event::CartCreated { cart: "carts/c".into() };
        let gave_up = |reason: &str| Event::GaveUp { reason: reason.into(), usable: true };
        let shopping = [create_cart(), cart, start_checkout(), refused("STOCK", &variants)];
        let ends = |last: &[Event]| taken(&[&shopping, last].concat());
        let left = ends(&[gave_up("STOCK")]);
        assert_eq!((left.refusals, left.turned_away), (vec!["STOCK".to_owned()], None));
        let stuck = ends(&[Event::TakeOut { variants: variants.clone() }, gave_up("STATE")]);
        assert_eq!(stuck.turned_away.as_deref(), Some("STATE"));
        assert_eq!(taken(&[create_cart(), gave_up("LIMIT")]).turned_away.as_deref(), Some("LIMIT"));
    }

    #[test]
    fn every_kind_of_payment_is_made_and_a_second_one_is_good() {
        let mut counts = std::collections::BTreeMap::<_, usize>::new();
        let mut shipped = 0;
        for basket in 0..10_000 {
            *counts.entry(purchase(basket).payment_token()).or_default() += 1;
            shipped += usize::from(purchase(basket).ships());
        }
        assert_eq!(counts.len(), 4);
        assert!((60..=140).contains(&counts["tok_decline"]), "{counts:?}");
        assert!((1800..=2200).contains(&shipped), "{shipped}");
        let again = Purchase { refusals: vec!["PAYMENT_DECLINED".into()], ..purchase(0) };
        assert_eq!(again.payment_token(), "tok_approve");
    }
}
