//! Rows of `operations`: cancellations and shipments, at most one running per order (unique index).

use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql},
    error::{Error, Result},
};

use super::codes::{OPERATION_KINDS, code, value};
use crate::{
    domain::operation::{Operation, OperationState},
    ids::{OperationId, OrderId},
};

const RUNNING: i64 = 1;
const DONE: i64 = 2;
const FAILED: i64 = 3;

/// The operation, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &OperationId) -> Result<Operation> {
    let row = sql("SELECT * FROM operations WHERE id = $1").bind(id.name()).optional(on).await?;
    read(&row.ok_or_else(|| Error::not_found(&id.name()))?)
}

/// The operation that runs on an order.
pub async fn running(tx: &mut Tx, order: &OrderId) -> Result<Option<Operation>> {
    let row = sql("SELECT * FROM operations WHERE order_id = $1 AND state = 1")
        .bind(order.name())
        .optional(tx)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Adds a running operation.
pub async fn insert(tx: &mut Tx, operation: &Operation, now: Timestamp) -> Result<()> {
    sql("INSERT INTO operations (id, order_id, kind, state, created) VALUES ($1, $2, $3, $4, $5)")
        .bind(operation.id.name())
        .bind(operation.order.name())
        .bind(code(OPERATION_KINDS, operation.kind))
        .bind(RUNNING)
        .bind(now.0)
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends an operation, with the reason if it was refused.
pub async fn settle(tx: &mut Tx, id: &OperationId, failure: Option<&str>) -> Result<()> {
    sql("UPDATE operations SET state = $2, failure = $3 WHERE id = $1")
        .bind(id.name())
        .bind(if failure.is_some() { FAILED } else { DONE })
        .bind(failure.map(str::to_owned))
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Operation> {
    Ok(Operation {
        id: OperationId::parse(&row.text("id")?)?,
        order: OrderId::parse(&row.text("order_id")?)?,
        kind: value(OPERATION_KINDS, row.int("kind")?)?,
        state: match row.int("state")? {
            RUNNING => OperationState::Running,
            DONE => OperationState::Done,
            _ => OperationState::Failed(row.opt_text("failure")?.unwrap_or_default()),
        },
    })
}
