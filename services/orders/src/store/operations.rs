//! Rows of `operations`: cancellations and shipments, at most one running per order (unique index).

use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql},
    error::{Error, Result},
};

use crate::{
    domain::operation::{Operation, OperationState},
    ids::{OperationId, OrderId},
};

/// The operation, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &OperationId) -> Result<Operation> {
    let row = sql("SELECT * FROM operations WHERE id = $1").bind(id).optional(on).await?;
    read(&row.ok_or_else(|| Error::not_found(&id.name()))?)
}

/// The operation that runs on an order.
pub async fn running(tx: &mut Tx, order: &OrderId) -> Result<Option<Operation>> {
    let row =
        sql("SELECT * FROM operations WHERE order_id = $1 AND state = 1").bind(order).optional(tx).await?;
    row.as_ref().map(read).transpose()
}

/// Adds a running operation.
pub async fn insert(tx: &mut Tx, operation: &Operation, now: Timestamp) -> Result<()> {
    sql("INSERT INTO operations (id, order_id, kind, state, created) VALUES ($1, $2, $3, $4, $5)")
        .bind(&operation.id)
        .bind(&operation.order)
        .bind(&operation.kind)
        .bind(&operation.state)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends an operation, with the reason if it was refused.
pub async fn settle(tx: &mut Tx, id: &OperationId, failure: Option<&str>) -> Result<()> {
    let state = if failure.is_some() { OperationState::Failed } else { OperationState::Done };
    sql("UPDATE operations SET state = $2, failure = $3 WHERE id = $1")
        .bind(id)
        .bind(&state)
        .bind(failure)
        .execute(tx)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Operation> {
    Ok(Operation {
        id: OperationId::stored(&row.text("id")?)?,
        order: OrderId::stored(&row.text("order_id")?)?,
        kind: row.coded("kind")?,
        state: row.coded("state")?,
        failure: row.opt_text("failure")?,
    })
}
