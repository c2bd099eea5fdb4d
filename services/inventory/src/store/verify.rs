//! Recomputes stock from movements and reservations.

use shopmesh_kit::{
    db::{Db, sql},
    error::Result,
};

/// A quantity that does not add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub variant: String,
    pub location: String,
    pub quantity: &'static str,
    pub stored: i64,
    pub computed: i64,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub checked: i64,
    pub differences: Vec<Difference>,
    pub on_hand: i64,
    pub held: i64,
    pub allocated: i64,
}

/// Differences that are listed.
const LISTED: usize = 100;

/// Compares every row with its history, in one statement and so at one moment.
pub async fn run(db: &Db) -> Result<Findings> {
    let rows = sql("SELECT s.variant, s.location, s.on_hand, s.held, s.allocated,
            CAST(COALESCE((SELECT SUM(m.delta) FROM movements m
                WHERE m.variant = s.variant AND m.location = s.location), 0) AS BIGINT) AS moved,
            CAST(COALESCE((SELECT SUM(u.quantity) FROM reservation_units u JOIN reservations r ON r.id = u.reservation
                WHERE u.variant = s.variant AND u.location = s.location AND r.state = 1), 0) AS BIGINT) AS holding,
            CAST(COALESCE((SELECT SUM(u.quantity) FROM reservation_units u JOIN reservations r ON r.id = u.reservation
                WHERE u.variant = s.variant AND u.location = s.location AND r.state = 2), 0) AS BIGINT) AS promised
         FROM stock s")
    .all(db)
    .await?;
    let mut findings = Findings::default();
    for row in &rows {
        findings.checked += 1;
        let quantities = [("on_hand", "moved"), ("held", "holding"), ("allocated", "promised")];
        for (quantity, computed) in quantities {
            let (stored, computed) = (row.int(quantity)?, row.int(computed)?);
            match quantity {
                "on_hand" => findings.on_hand += stored,
                "held" => findings.held += stored,
                _ => findings.allocated += stored,
            }
            if stored != computed && findings.differences.len() < LISTED {
                let (variant, location) = (row.text("variant")?, row.text("location")?);
                findings.differences.push(Difference { variant, location, quantity, stored, computed });
            }
        }
    }
    Ok(findings)
}
