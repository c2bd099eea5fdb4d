//! What canceling and shipping share: one operation at a time per order, joined by repeats.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::Cause,
    idempotency::{self, Keep, Key},
    saga::{self, State},
};

use super::published;
use crate::{
    domain::{
        operation::{Operation, OperationKind, OperationState},
        order::Order,
    },
    ids::{OperationId, OrderId},
    store::operations,
};

/// Who asks for an operation on which order.
pub struct Asked {
    /// Of the request.
    pub key: Key,
    /// The order.
    pub order: OrderId,
    /// What it is done for.
    pub cause: Cause,
}

/// An operation of `kind` on an order: that of an earlier request with the same key, the one that runs already, if it is
/// `same` as what is asked for, or a new one that runs the workflow from the state that `begin` makes for it.
///
/// # Errors
/// FAILED_PRECONDITION when another one runs, or when the order, as its events say it is, does not allow it.
pub async fn join_or_start<S: State>(
    tx: &mut Tx,
    kind: OperationKind,
    asked: &Asked,
    same: impl FnOnce(&S) -> bool,
    begin: impl FnOnce(OperationId, &Order) -> S,
) -> Result<OperationId> {
    let Asked { key, order, cause } = asked;
    if let Some(started) = idempotency::saved_reply::<String>(tx, key).await? {
        return OperationId::parse(&started);
    }
    let id = match operations::running(tx, order).await? {
        Some(running) if running.kind == kind => {
            let saga = saga::load::<S>(&mut *tx, &running.id.name()).await?;
            if !saga.is_some_and(|saga| same(&saga.run.state)) {
                return Err(running.conflict());
            }
            running.id
        }
        Some(other) => return Err(other.conflict()),
        None => {
            let current = published::load(&mut *tx, order).await?;
            current.require_unshipped(kind.verb())?;
            let id = OperationId::generate();
            let state = OperationState::Running;
            let operation = Operation { id: id.clone(), order: order.clone(), kind, state, failure: None };
            operations::insert(tx, &operation, cause.at).await?;
            saga::start(tx, &id.name(), begin(id.clone(), &current), cause).await?;
            id
        }
    };
    idempotency::save(tx, key, &id.name(), Keep::Money, cause.at).await?;
    Ok(id)
}
