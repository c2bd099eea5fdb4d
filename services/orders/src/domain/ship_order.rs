//! Ships a whole order: the money is taken, the units leave stock, then the order is SHIPPED. A capture that is
//! refused for good leaves the order as it was; once captured, the rest is repeated until done.

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    clock::Timestamp,
    saga::{After, Answer, Attempt, Next, State},
};

use super::order::Order;
use crate::ids::{CheckoutId, OperationId, OrderId, ShipmentId};

/// A step of the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Take the money.
    Capture,
    /// Take the units out of stock.
    #[serde(rename = "Fulfil")]
    Fulfill,
    /// The end: on its way.
    Shipped,
    /// The end: the money could not be taken.
    Failed,
}

/// What is remembered between steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipOrder {
    /// The operation it carries out.
    pub operation: OperationId,
    /// The order.
    pub order: OrderId,
    /// The checkout that keys hold and payment.
    pub checkout: CheckoutId,
    /// The parcel.
    pub shipment: ShipmentId,
    /// Carrier and number; may be empty.
    pub tracking: String,
    /// The step to take next.
    pub step: Step,
}

impl ShipOrder {
    /// The start of `operation` on an order.
    pub fn of(operation: OperationId, order: &Order, tracking: String) -> Self {
        Self {
            operation,
            order: order.placed.order.clone(),
            checkout: order.placed.checkout.clone(),
            shipment: ShipmentId::generate(),
            tracking,
            step: Step::Capture,
        }
    }
}

impl State for ShipOrder {
    type Effect = Step;
    type Outcome = Answer;

    const KIND: &'static str = "ship_order";

    fn next(&self, _: Timestamp) -> Next<Step> {
        match self.step {
            Step::Shipped | Step::Failed => Next::Done,
            step => Next::Do(step),
        }
    }

    fn apply(self, outcome: Answer, _: Attempt) -> After<Self> {
        match (self.step, outcome) {
            (Step::Capture, Answer::Done(())) => After::Go(Self { step: Step::Fulfill, ..self }),
            (Step::Fulfill, Answer::Done(())) => After::Go(Self { step: Step::Shipped, ..self }),
            (Step::Capture, Answer::Refused(())) => After::Go(Self { step: Step::Failed, ..self }),
            _ => After::Again(self),
        }
    }
}
