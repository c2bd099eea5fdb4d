//! Rows of `stock`, `movements` and `counts`.

use crate::ids::MovementId;
use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql, sql_dynamic},
    error::{Error, Result},
};

/// Units of a variant at a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    pub variant: String,
    pub location: String,
    pub seller: String,
    pub on_hand: i64,
    pub held: i64,
    pub allocated: i64,
    pub version: i64,
}

/// A change of on hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    pub id: MovementId,
    pub variant: String,
    pub location: String,
    pub delta: i64,
    pub reason: i64,
    pub reference: String,
    pub created: Timestamp,
}

fn read(row: &Row) -> Result<StockRow> {
    Ok(StockRow {
        variant: row.text("variant")?,
        location: row.text("location")?,
        seller: row.text("seller")?,
        on_hand: row.int("on_hand")?,
        held: row.int("held")?,
        allocated: row.int("allocated")?,
        version: row.int("version")?,
    })
}

/// The row of a variant at a location.
pub async fn get(on: impl Executor, variant: &str, location: &str) -> Result<Option<StockRow>> {
    let row = sql("SELECT * FROM stock WHERE variant = $1 AND location = $2").bind(variant).bind(location);
    row.optional(on).await?.as_ref().map(read).transpose()
}

/// The rows of a variant, in the order they are taken from.
pub async fn of_variant(on: impl Executor, variant: &str) -> Result<Vec<StockRow>> {
    let rows = sql("SELECT s.* FROM stock s JOIN locations l ON l.id = s.location
         WHERE s.variant = $1 ORDER BY l.priority, l.id")
    .bind(variant)
    .all(on)
    .await?;
    rows.iter().map(read).collect()
}

/// Available units and version of a variant over all locations.
pub async fn availability(on: impl Executor, variant: &str) -> Result<(i64, i64)> {
    let row = sql("SELECT CAST(COALESCE(SUM(on_hand - held - allocated), 0) AS BIGINT) AS available,
                CAST(COALESCE(SUM(version), 0) AS BIGINT) AS version FROM stock WHERE variant = $1")
    .bind(variant)
    .one(on)
    .await?;
    Ok((row.int("available")?, row.int("version")?))
}

/// Who owns the units of a variant, if there are any.
pub async fn seller_of(on: impl Executor, variant: &str) -> Result<Option<String>> {
    let row = sql("SELECT seller FROM stock WHERE variant = $1 ORDER BY location")
        .bind(variant)
        .optional(on)
        .await?;
    Ok(row.map(|row| row.text("seller")).transpose()?)
}

/// A page of rows after the key `after`, of one variant or all, of some sellers or all.
pub async fn list(
    on: impl Executor,
    variant: Option<&str>,
    sellers: Option<&[String]>,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<StockRow>> {
    let mut text =
        String::from("SELECT * FROM stock WHERE (variant > $1 OR (variant = $1 AND location > $2))");
    let mut bound = 2;
    let mut next = || {
        bound += 1;
        format!("${bound}")
    };
    if variant.is_some() {
        text += &format!(" AND variant = {}", next());
    }
    if let Some(sellers) = sellers {
        let places: Vec<String> = sellers.iter().map(|_| next()).collect();
        // An empty list is nobody: `IN ()` is no SQL.
        text += &if places.is_empty() {
            " AND 1 = 0".to_owned()
        } else {
            format!(" AND seller IN ({})", places.join(", "))
        };
    }
    text += &format!(" ORDER BY variant, location LIMIT {}", next());
    let mut query = sql_dynamic(text).bind(after.0).bind(after.1);
    if let Some(variant) = variant {
        query = query.bind(variant);
    }
    for seller in sellers.unwrap_or_default() {
        query = query.bind(seller);
    }
    query.bind(limit).all(on).await?.iter().map(read).collect()
}

/// Adds `delta` units to a row, which is made if need be, and notes the movement.
///
/// # Errors
/// FAILED_PRECONDITION when more would be taken than is available.
pub async fn adjust(
    tx: &mut Tx,
    (variant, location, seller): (&str, &str, &str),
    delta: i64,
    (reason, reference): (i64, &str),
    now: Timestamp,
) -> Result<StockRow> {
    sql("INSERT INTO stock (variant, location, seller, on_hand, held, allocated, version)
         VALUES ($1, $2, $3, 0, 0, 0, 0) ON CONFLICT (variant, location) DO NOTHING")
    .bind(variant)
    .bind(location)
    .bind(seller)
    .execute(&mut *tx)
    .await?;
    let changed = sql("UPDATE stock SET on_hand = on_hand + $3, version = version + 1
         WHERE variant = $1 AND location = $2 AND on_hand + $3 - held - allocated >= 0")
    .bind(variant)
    .bind(location)
    .bind(delta)
    .execute(&mut *tx)
    .await?;
    if changed == 0 {
        let problem = format!("fewer than {} units are available at {location}", delta.unsigned_abs());
        return Err(Error::precondition("STOCK", variant, problem));
    }
    note(tx, (variant, location), delta, (reason, reference), now).await?;
    get(tx, variant, location).await?.ok_or_else(|| Error::not_found(variant))
}

/// Notes a movement.
pub async fn note(
    tx: &mut Tx,
    (variant, location): (&str, &str),
    delta: i64,
    (reason, reference): (i64, &str),
    now: Timestamp,
) -> Result<()> {
    sql("INSERT INTO movements (id, variant, location, delta, reason, reference, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
    .bind(MovementId::generate().name())
    .bind(variant)
    .bind(location)
    .bind(delta)
    .bind(reason)
    .bind(reference)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Movements of a variant from below the id `before`, newest first.
pub async fn movements(
    on: impl Executor,
    variant: &str,
    before: &str,
    limit: i64,
) -> Result<Vec<MovementRow>> {
    let rows = sql("SELECT * FROM movements WHERE variant = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
        .bind(variant)
        .bind(before)
        .bind(limit)
        .all(on)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(MovementRow {
                id: MovementId::parse(&row.text("id")?)?,
                variant: row.text("variant")?,
                location: row.text("location")?,
                delta: row.int("delta")?,
                reason: row.int("reason")?,
                reference: row.text("reference")?,
                created: Timestamp(row.int("created")?),
            })
        })
        .collect()
}

/// Claims a row for a count; false when the count has set it before.
pub async fn claim_count(tx: &mut Tx, count_id: &str, variant: &str, location: &str) -> Result<bool> {
    let claimed = sql("INSERT INTO counts (count_id, variant, location) VALUES ($1, $2, $3)
         ON CONFLICT (count_id, variant, location) DO NOTHING")
    .bind(count_id)
    .bind(variant)
    .bind(location)
    .execute(tx)
    .await?;
    Ok(claimed == 1)
}
