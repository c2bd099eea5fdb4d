//! Deliveries: queued once per event, recipient and channel, claimed for a try, settled by whoever claimed them.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, Row, Tx, sql},
    error::{Error, Result},
    page::Rows,
};

use crate::{
    domain::{delivery::Delivery, notice::Notice},
    ids::{DeliveryId, UserId},
};

/// Queues what an event says to a person; a second time is ignored.
pub async fn queue(tx: &mut Tx, event_id: &str, notice: &Notice, now: Timestamp) -> Result<()> {
    let variables = serde_json::to_string(&notice.variables).map_err(Error::internal)?;
    sql("INSERT INTO deliveries (id, event_id, recipient, channel, template, subject_resource, variables, state,
            attempts, last_error, due, created, sent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, '', $8, $8, NULL)
         ON CONFLICT (event_id, recipient, channel) DO NOTHING")
    .bind(&DeliveryId::generate())
    .bind(event_id)
    .bind(notice.recipient.name())
    .bind(&notice.channel)
    .bind(notice.template)
    .bind(&notice.subject_resource)
    .bind(variables)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether something is due.
pub async fn any_due(db: &Db, now: Timestamp) -> Result<bool> {
    let due = sql("SELECT id FROM deliveries WHERE state = 1 AND due <= $1 LIMIT 1");
    Ok(due.bind(now).optional(db).await?.is_some())
}

/// Takes up to `limit` due deliveries until `lease`: nobody else tries them before then.
pub async fn claim(tx: &mut Tx, limit: i64, now: Timestamp, lease: Timestamp) -> Result<Vec<Delivery>> {
    let rows = sql("UPDATE deliveries SET due = $3 WHERE state = 1 AND due <= $1 AND id IN
            (SELECT id FROM deliveries WHERE state = 1 AND due <= $1 ORDER BY due, id LIMIT $2)
         RETURNING *")
    .bind(now)
    .bind(limit)
    .bind(lease)
    .all(tx)
    .await?;
    rows.iter().map(read).collect()
}

/// Writes how tries ended, each if its claim until `lease` still holds.
pub async fn settle(tx: &mut Tx, deliveries: &[Delivery], lease: Timestamp) -> Result<()> {
    for delivery in deliveries {
        sql("UPDATE deliveries SET state = $3, attempts = $4, last_error = $5, due = $6, sent = $7
             WHERE id = $1 AND state = 1 AND due = $2")
        .bind(&delivery.id)
        .bind(lease)
        .bind(&delivery.state)
        .bind(delivery.attempts)
        .bind(&delivery.last_error)
        .bind(delivery.due)
        .bind(delivery.sent)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// What of the log is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Only this recipient's.
    pub recipient: Option<&'a str>,
    /// Only those about this resource.
    pub subject_resource: Option<&'a str>,
    /// Only those before this id.
    pub before: Option<&'a str>,
}

/// Deliveries, newest first: a page of `size`.
pub async fn list(db: &Db, filter: &Filter<'_>, size: usize) -> Result<Rows<Delivery>> {
    let query = sql("SELECT * FROM deliveries WHERE TRUE")
        .and("id <", filter.before)
        .and("recipient =", filter.recipient)
        .and("subject_resource =", filter.subject_resource);
    query.then(" ORDER BY id DESC").page(db, size).await?.try_map(|row| read(&row))
}

fn read(row: &Row) -> Result<Delivery> {
    Ok(Delivery {
        id: DeliveryId::stored(&row.text("id")?)?,
        recipient: UserId::parse(&row.text("recipient")?)?,
        channel: row.coded("channel")?,
        template: row.text("template")?,
        subject_resource: row.text("subject_resource")?,
        variables: serde_json::from_str(&row.text("variables")?).map_err(Error::internal)?,
        state: row.coded("state")?,
        attempts: row.int("attempts")?,
        last_error: row.text("last_error")?,
        due: Timestamp(row.int("due")?),
        created: Timestamp(row.int("created")?),
        sent: row.opt_int("sent")?.map(Timestamp),
    })
}
