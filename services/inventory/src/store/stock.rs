//! Rows of `stock`. Every change is one conditional UPDATE whose affected rows are checked.

use shopmesh_kit::{
    db::{Db, Executor, ROWS_PER_STATEMENT, Row, Tx, row_placeholders, sql, sql_dynamic},
    error::Result,
    page::Rows,
};

use crate::{
    domain::{
        allocation::Candidate,
        stock::{Availability, Shift, StockLevel},
    },
    error::stock_changed,
};

/// The levels of `variants` at all locations.
pub async fn levels(on: impl Executor, variants: &[&str]) -> Result<Vec<StockLevel>> {
    let query = sql("SELECT * FROM stock WHERE ").in_list("variant", variants.iter().copied());
    query.all(on).await?.iter().map(read).collect()
}

/// The levels of `variants` with the priority of their locations.
pub async fn candidates(on: impl Executor, variants: &[&str]) -> Result<Vec<Candidate>> {
    let query = sql("SELECT s.*, l.priority FROM stock s JOIN locations l ON l.name = s.location WHERE ")
        .in_list("s.variant", variants.iter().copied());
    let candidate = |row: &Row| Ok(Candidate { level: read(row)?, priority: row.int("priority")? });
    query.all(on).await?.iter().map(candidate).collect()
}

/// What can be bought of each of `variants`, in their order; an unknown one has none.
pub async fn availability(on: impl Executor, variants: &[&str]) -> Result<Vec<Availability>> {
    if variants.is_empty() {
        return Ok(Vec::new());
    }
    let query = sql("SELECT variant, CAST(SUM(on_hand - held - allocated) AS BIGINT) AS available, \
                     CAST(SUM(version) AS BIGINT) AS version FROM stock WHERE ")
    .in_list("variant", variants.iter().copied())
    .then(" GROUP BY variant");
    let mut known = std::collections::HashMap::with_capacity(variants.len());
    for row in query.all(on).await? {
        known.insert(row.text("variant")?, (row.int("available")?, row.int("version")?));
    }
    let of = |variant: &&str| {
        let (available, version) = known.get(*variant).copied().unwrap_or_default();
        Availability { variant: (*variant).to_owned(), available, version }
    };
    Ok(variants.iter().map(of).collect())
}

/// Applies `shift` if no quantity becomes negative by it.
///
/// # Errors
/// ABORTED when the row was changed since the domain allowed the shift.
pub async fn shift(tx: &mut Tx, variant: &str, location: &str, shift: Shift) -> Result<()> {
    let changed =
        sql("UPDATE stock SET on_hand = on_hand + $3, held = held + $4, allocated = allocated + $5, \
             version = version + 1 \
         WHERE variant = $1 AND location = $2 AND held + $4 >= 0 AND allocated + $5 >= 0 \
             AND on_hand - held - allocated + $6 >= 0")
        .bind(variant)
        .bind(location)
        .bind(shift.on_hand)
        .bind(shift.held)
        .bind(shift.allocated)
        .bind(shift.available())
        .execute(tx)
        .await?;
    if changed == 1 { Ok(()) } else { Err(stock_changed(variant)) }
}

/// Adds rows for variants that were never at those locations.
///
/// # Errors
/// ABORTED when one of them is there by now.
pub async fn insert(tx: &mut Tx, levels: &[StockLevel]) -> Result<()> {
    for chunk in levels.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "INSERT INTO stock (variant, location, seller, on_hand, held, allocated, version) VALUES {}",
            row_placeholders(1, chunk.len(), 7)
        );
        let query = chunk.iter().fold(sql_dynamic(text), |query, level| {
            query
                .bind(&level.variant)
                .bind(&level.location)
                .bind(&level.seller)
                .bind(level.on_hand)
                .bind(level.held)
                .bind(level.allocated)
                .bind(level.version)
        });
        match query.execute(&mut *tx).await {
            Err(error) if error.is_unique() => return Err(stock_changed("stock")),
            outcome => outcome?,
        };
    }
    Ok(())
}

/// What of the stock is listed.
pub struct Filter<'a> {
    /// Only this variant.
    pub variant: Option<&'a str>,
    /// Only what these sellers own.
    pub sellers: Option<&'a [String]>,
    /// Only what comes after this variant and location.
    pub after: (&'a str, &'a str),
}

/// A page of levels, by variant and location.
pub async fn list(db: &Db, filter: &Filter<'_>, size: usize) -> Result<Rows<StockLevel>> {
    let query = sql("SELECT * FROM stock WHERE (variant, location) > ($1, $2)")
        .bind(filter.after.0)
        .bind(filter.after.1)
        .and("variant =", filter.variant);
    let query = match filter.sellers {
        Some(sellers) => query.then(" AND ").in_list("seller", sellers),
        None => query,
    };
    query.then(" ORDER BY variant, location").page(db, size).await?.try_map(|row| read(&row))
}

fn read(row: &Row) -> Result<StockLevel> {
    Ok(StockLevel {
        variant: row.text("variant")?,
        location: row.text("location")?,
        seller: row.text("seller")?,
        on_hand: row.int("on_hand")?,
        held: row.int("held")?,
        allocated: row.int("allocated")?,
        version: row.int("version")?,
    })
}
