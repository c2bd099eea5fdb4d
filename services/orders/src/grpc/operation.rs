//! What CancelOrder and CreateShipment share: one operation at a time per order, joined by repeats, waited for.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    idempotency::{self, Keep, Key},
    saga::{self, Saga, SagaHandle},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tonic::{Response, Status};

use super::{translate, wait};
use crate::{
    app::App,
    domain::{
        operation::{Operation, OperationKind, OperationState},
        order::Order,
    },
    events::published,
    ids::{OperationId, OrderId},
    store::{operations, orders},
};

/// The operation of an earlier request with this key, if any.
pub async fn replay(tx: &mut Tx, key: &Key) -> Result<Option<OperationId>> {
    let started = idempotency::replay::<String>(tx, key).await?;
    started.as_deref().map(OperationId::parse).transpose()
}

/// An operation of `kind` on an order: the one that runs already, if it is `same` as what is asked for, or a new one that
/// runs the workflow `S` from the state that `state` makes for it. That state is refused if the order, as its events say it is,
/// does not allow it.
pub async fn join_or_start<S: Saga>(
    tx: &mut Tx,
    key: &Key,
    order: &OrderId,
    kind: OperationKind,
    now: Timestamp,
    same: impl FnOnce(&S::State) -> bool,
    state: impl FnOnce(&Order, OperationId) -> Result<S::State>,
) -> Result<OperationId> {
    let id = match operations::running(tx, order).await? {
        Some(running) if running.kind == kind => {
            let asked = saga::load::<S>(&mut *tx, &running.id.name()).await?;
            if !asked.is_some_and(|saga| same(&saga.state)) {
                return Err(running.conflict());
            }
            running.id
        }
        Some(other) => return Err(other.conflict()),
        None => {
            let current = published::load(&mut *tx, order).await?;
            let id = OperationId::generate();
            let state = state(&current, id.clone())?;
            let operation =
                Operation { id: id.clone(), order: order.clone(), kind, state: OperationState::Running };
            operations::insert(tx, &operation, now).await?;
            saga::start::<S>(tx, &id.name(), &state, now).await?;
            id
        }
    };
    idempotency::save(tx, key, &id.name(), Keep::Money, now).await?;
    Ok(id)
}

/// Waits for the operation and answers the order, as it is then or as it stands near the deadline.
pub async fn outcome(
    app: &App,
    call: &Call,
    workflows: &SagaHandle,
    id: &OperationId,
) -> Result<Response<pb::Order>, Status> {
    workflows.wake(&id.name());
    let read = || operations::get(&app.db, id);
    let settled = |operation: &Operation| operation.state != OperationState::Running;
    let latest = wait::latest(call.deadline);
    let operation = wait::until_settled(workflows, &id.name(), latest, read, settled).await?;
    if let OperationState::Failed(problem) = operation.state {
        return Err(Error::precondition("PAYMENT_FAILED", operation.order.name(), problem).into());
    }
    let order = orders::get(&app.db, &operation.order).await?;
    Ok(Response::new(translate::order(&order)?))
}
