//! Calls an order off: units go back, then the payment is let go, then the order is CANCELLED. Neither step can be
//! refused for an order that nothing else works on, so both are repeated until done.

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    clock::Timestamp,
    saga::{After, Answer, Attempt, Next, State},
};

use super::order::Order;
use crate::ids::{CheckoutId, OperationId, OrderId};

/// A step of the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Give the units back.
    Release,
    /// Let the payment go.
    Void,
    /// The end.
    Cancelled,
}

/// What is remembered between steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelOrder {
    /// The operation it carries out.
    pub operation: OperationId,
    /// The order.
    pub order: OrderId,
    /// The checkout that keys hold and payment.
    pub checkout: CheckoutId,
    /// For people; may be empty.
    pub reason: String,
    /// The step to take next.
    pub step: Step,
}

impl CancelOrder {
    /// The start of `operation` on an order.
    pub fn of(operation: OperationId, order: &Order, reason: String) -> Self {
        Self {
            operation,
            order: order.placed.order.clone(),
            checkout: order.placed.checkout.clone(),
            reason,
            step: Step::Release,
        }
    }
}

impl State for CancelOrder {
    type Effect = Step;
    type Outcome = Answer;

    const KIND: &'static str = "cancel_order";

    fn next(&self, _: Timestamp) -> Next<Step> {
        match self.step {
            Step::Cancelled => Next::Done,
            step => Next::Do(step),
        }
    }

    fn apply(self, outcome: Answer, _: Attempt) -> After<Self> {
        match (self.step, outcome) {
            (Step::Release, Answer::Done(())) => After::Go(Self { step: Step::Void, ..self }),
            (Step::Void, Answer::Done(())) => After::Go(Self { step: Step::Cancelled, ..self }),
            _ => After::Again(self),
        }
    }
}
