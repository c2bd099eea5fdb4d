//! Work on a placed order that spans services: at most one at a time, so that canceling and shipping exclude
//! one another.

use shopmesh_kit::error::Error;

use crate::ids::{OperationId, OrderId};

/// What is being done to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// It is called off.
    Cancel,
    /// Its parcel leaves.
    Ship,
}

impl OperationKind {
    /// What it does to the order.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Ship => "ship",
        }
    }
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationState {
    /// Steps run.
    Running,
    /// The order shows the outcome.
    Done,
    /// Refused; the order is as it was.
    Failed,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Id.
    pub id: OperationId,
    /// The order it changes.
    pub order: OrderId,
    /// What is done.
    pub kind: OperationKind,
    /// How far it is.
    pub state: OperationState,
    /// Why it was refused.
    pub failure: Option<String>,
}

impl Operation {
    /// Why an operation of another kind, or with another content, cannot start while this one runs.
    pub fn conflict(&self) -> Error {
        let problem = match self.kind {
            OperationKind::Cancel => "the order is being cancelled; wait for the outcome",
            OperationKind::Ship => "the order is being shipped; wait for the outcome",
        };
        Error::precondition("STATE", self.order.name(), problem)
    }
}
