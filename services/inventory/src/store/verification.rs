//! Recomputes every stock row from movements and open reservations.

use shopmesh_kit::{
    db::{Db, Row, sql, sql_dynamic},
    error::Result,
};

use crate::domain::verification::{Difference, Totals};

/// Each stored quantity beside the computed one. A row that only one side knows counts as zero on the other.
/// One statement, so that it sees one state of the database.
const BOOK: &str = "WITH sides AS ( \
        SELECT variant, location, on_hand, held, allocated, 0 AS moved, 0 AS holding, 0 AS promised FROM stock \
        UNION ALL SELECT variant, location, 0, 0, 0, delta, 0, 0 FROM movements \
        UNION ALL SELECT u.variant, u.location, 0, 0, 0, 0, \
                CASE WHEN r.state = 1 THEN u.quantity ELSE 0 END, CASE WHEN r.state = 2 THEN u.quantity ELSE 0 END \
            FROM reservations r JOIN reservation_units u ON u.reservation = r.id WHERE r.state IN (1, 2) \
    ), book AS ( \
        SELECT variant, location, CAST(SUM(on_hand) AS BIGINT) AS on_hand, CAST(SUM(held) AS BIGINT) AS held, \
            CAST(SUM(allocated) AS BIGINT) AS allocated, CAST(SUM(moved) AS BIGINT) AS moved, \
            CAST(SUM(holding) AS BIGINT) AS holding, CAST(SUM(promised) AS BIGINT) AS promised \
        FROM sides GROUP BY variant, location \
    )";

/// Up to `limit` rows' differences.
pub async fn differences(db: &Db, limit: i64) -> Result<Vec<Difference>> {
    let text = format!(
        "{BOOK} SELECT * FROM book WHERE on_hand <> moved OR held <> holding OR allocated <> promised \
         ORDER BY variant, location LIMIT $1"
    );
    let rows = sql_dynamic(text).bind(limit).all(db).await?;
    let of_rows = rows.iter().map(of_row).collect::<Result<Vec<_>>>()?;
    Ok(of_rows.into_iter().flatten().collect())
}

/// The sums.
pub async fn totals(db: &Db) -> Result<Totals> {
    let row = sql("SELECT COUNT(*) AS levels, CAST(COALESCE(SUM(on_hand), 0) AS BIGINT) AS on_hand, \
             CAST(COALESCE(SUM(held), 0) AS BIGINT) AS held, \
             CAST(COALESCE(SUM(allocated), 0) AS BIGINT) AS allocated FROM stock")
    .one(db)
    .await?;
    Ok(Totals {
        rows: row.int("levels")?,
        on_hand: row.int("on_hand")?,
        held: row.int("held")?,
        allocated: row.int("allocated")?,
    })
}

fn of_row(row: &Row) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    for (quantity, computed) in [("on_hand", "moved"), ("held", "holding"), ("allocated", "promised")] {
        let (stored, computed) = (row.int(quantity)?, row.int(computed)?);
        if stored != computed {
            let (variant, location) = (row.text("variant")?, row.text("location")?);
            differences.push(Difference { variant, location, quantity, stored, computed });
        }
    }
    Ok(differences)
}
