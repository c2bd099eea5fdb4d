//! Orders as a fold over their events: commands say which event may follow, `apply` says what it changes, and
//! payment and fulfillment states are derived, never set.

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
    money::{Currency, Money},
};

use super::line::{self, Line};
use crate::ids::{CheckoutId, OrderId, ShipmentId};

/// State of an order: PLACED -> CLOSED, PLACED -> CANCELLED.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Being worked on.
    Placed,
    /// Delivered and paid.
    Closed,
    /// Called off; nothing is held or owed.
    Cancelled,
}

/// How far the money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Held at the provider.
    Authorized,
    /// Taken.
    Paid,
    /// Let go.
    Voided,
}

/// How far the goods are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FulfillmentState {
    /// In the warehouse.
    Unfulfilled,
    /// On the way.
    Shipped,
    /// There.
    Delivered,
}

/// What an order starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The order.
    pub order: OrderId,
    /// Number for people; 1001, 1002... without gaps.
    pub number: i64,
    /// `users/...`.
    pub owner: String,
    /// `channels/...`.
    pub channel: String,
    /// Currency of the channel.
    pub currency: Currency,
    /// What was bought.
    pub lines: Vec<Line>,
    /// The checkout that placed it.
    pub checkout: CheckoutId,
    /// `payments/...` that covers it.
    pub payment: String,
    /// A shipping address, sealed under the owner's key.
    pub sealed_address: Vec<u8>,
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Id.
    pub id: ShipmentId,
    /// Carrier and number; may be empty.
    pub tracking: String,
    /// When it left.
    pub shipped: Timestamp,
    /// When it arrived.
    pub delivered: Option<Timestamp>,
}

/// Money that was given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// `payments/.../refunds/...`.
    pub name: String,
    /// How much.
    pub amount: Money,
}

/// How much of what was paid was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Nothing.
    None,
    /// Some of it.
    Partial,
    /// All of it.
    Full,
}

/// What happened to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// It was placed.
    Placed(Placed),
    /// Its parcel left.
    Shipped(Shipment),
    /// Its parcel arrived.
    Delivered,
    /// It was called off, for this reason.
    Cancelled(String),
    /// Money was given back.
    Refunded(Refund),
}

/// An order: what its events add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What it started with.
    pub placed: Placed,
    /// State.
    pub state: OrderState,
    /// Derived from events.
    pub payment_state: PaymentState,
    /// Derived from events.
    pub fulfillment_state: FulfillmentState,
    /// Parcels.
    pub shipments: Vec<Shipment>,
    /// What was given back.
    pub refunded: Money,
    /// Number of its events.
    pub version: i64,
    /// When it was placed.
    pub created: Timestamp,
    /// Last event.
    pub updated: Timestamp,
}

impl Order {
    /// Adds up a whole history, oldest first; `None` when it is empty.
    pub fn fold(history: impl IntoIterator<Item = (OrderEvent, Timestamp)>) -> Result<Option<Self>> {
        history.into_iter().try_fold(None, |order, (event, at)| Self::apply(order, event, at).map(Some))
    }

    /// The order after `event`. An event that cannot follow is refused, never ignored.
    pub fn apply(order: Option<Self>, event: OrderEvent, at: Timestamp) -> Result<Self> {
        match (order, event) {
            (None, OrderEvent::Placed(placed)) => Ok(Self::start(placed, at)),
            (None, _) => Err(Error::internal(Misplaced("an order starts with OrderPlaced"))),
            (Some(_), OrderEvent::Placed(_)) => Err(Error::internal(Misplaced("an order is placed once"))),
            (Some(order), event) => order.follow(event, at),
        }
    }

    fn start(placed: Placed, at: Timestamp) -> Self {
        let refunded = Money::zero(placed.currency);
        Self {
            placed,
            state: OrderState::Placed,
            payment_state: PaymentState::Authorized,
            fulfillment_state: FulfillmentState::Unfulfilled,
            shipments: Vec::new(),
            refunded,
            version: 1,
            created: at,
            updated: at,
        }
    }

    fn follow(mut self, event: OrderEvent, at: Timestamp) -> Result<Self> {
        match event {
            OrderEvent::Placed(_) => return Err(Error::internal(Misplaced("an order is placed once"))),
            OrderEvent::Shipped(shipment) => {
                self.require_unshipped("ship")?;
                self.payment_state = PaymentState::Paid;
                self.fulfillment_state = FulfillmentState::Shipped;
                self.shipments.push(shipment);
            }
            OrderEvent::Delivered => {
                self.require_shipped()?;
                self.fulfillment_state = FulfillmentState::Delivered;
                self.state = OrderState::Closed;
                self.shipments.iter_mut().for_each(|shipment| shipment.delivered = Some(at));
            }
            OrderEvent::Cancelled(_) => {
                self.require_unshipped("cancel")?;
                self.state = OrderState::Cancelled;
                self.payment_state = PaymentState::Voided;
            }
            // Payments decides what may be given back, whatever became of the goods.
            OrderEvent::Refunded(refund) => self.refunded = self.refunded.checked_add(refund.amount)?,
        }
        self.version += 1;
        self.updated = at;
        Ok(self)
    }

    /// Sum of the lines.
    pub fn total(&self) -> Result<Money> {
        line::total(&self.placed.lines, self.placed.currency)
    }

    /// How much of the total was given back.
    pub fn refund_state(&self) -> Result<RefundState> {
        Ok(match self.refunded.minor {
            0 => RefundState::None,
            minor if minor < self.total()?.minor => RefundState::Partial,
            _ => RefundState::Full,
        })
    }

    /// `orders/...`.
    pub fn name(&self) -> String {
        self.placed.order.name()
    }

    /// Refuses unless the order is placed and nothing of it has left.
    pub fn require_unshipped(&self, verb: &str) -> Result<()> {
        let problem = match (self.state, self.fulfillment_state) {
            (OrderState::Placed, FulfillmentState::Unfulfilled) => return Ok(()),
            (OrderState::Cancelled, _) => "it was cancelled",
            _ => "it was shipped",
        };
        Err(Error::precondition("STATE", self.name(), format!("cannot {verb} the order: {problem}")))
    }

    /// Refuses unless a parcel is on its way.
    pub fn require_shipped(&self) -> Result<()> {
        let problem = match (self.state, self.fulfillment_state) {
            (OrderState::Placed, FulfillmentState::Shipped) => return Ok(()),
            (OrderState::Cancelled, _) => "it was cancelled",
            (_, FulfillmentState::Delivered) => "it was delivered",
            _ => "it was not shipped; create a shipment first",
        };
        Err(Error::precondition("STATE", self.name(), format!("cannot mark the order delivered: {problem}")))
    }
}

/// A history that no code of ours can have written.
#[derive(Debug, thiserror::Error)]
#[error("broken order history: {0}")]
struct Misplaced(&'static str);

#[cfg(test)]
mod tests;
