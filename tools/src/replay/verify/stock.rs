//! Units on hand, held and allocated.

use std::collections::BTreeMap;

use shopmesh_proto::inventory::v1::Stock;

use super::{Books, Check};
use crate::replay::{
    entry::{Line, Units},
    memory::Memory,
};

/// Units over all locations.
pub fn by_variant(stock: &[Stock]) -> BTreeMap<String, Units> {
    let mut sums: BTreeMap<String, Units> = BTreeMap::new();
    for row in stock {
        let sum = sums.entry(row.variant.clone()).or_default();
        sum.on_hand += row.on_hand;
        sum.held += row.held;
        sum.allocated += row.allocated;
    }
    sums
}

pub fn checks(memory: &Memory, books: &Books) -> Vec<Check> {
    let (expected, stored) = (expected(memory), by_variant(&books.stock));
    let compared = |what, of: fn(&Units) -> i64| {
        let mut differences = Vec::new();
        let (mut client, mut shop) = (0, 0);
        for (variant, expected) in &expected {
            let stored = stored.get(variant).copied().unwrap_or_default();
            client += of(expected);
            shop += of(&stored);
            if of(expected) != of(&stored) {
                differences.push(format!("{variant}: {} and not {}", of(&stored), of(expected)));
            }
        }
        Check::new(what, &client, &shop, differences)
    };
    vec![
        compared("units allocated", |units| units.allocated),
        compared("units held", |units| units.held),
        compared("units on hand", |units| units.on_hand),
        verified(&stored, books),
    ]
}

/// What should lie there: as before, with what is ordered allocated and what was shipped gone.
fn expected(memory: &Memory) -> BTreeMap<String, Units> {
    let mut expected = memory.baseline.clone();
    for Line(variant, units, _) in memory.placed().flat_map(|purchase| &purchase.lines) {
        expected.entry(variant.clone()).or_default().allocated += units;
    }
    for Line(variant, units, _) in memory.shipped().flat_map(|purchase| &purchase.lines) {
        let sum = expected.entry(variant.clone()).or_default();
        sum.allocated -= units;
        sum.on_hand -= units;
    }
    expected
}

/// The shop recomputes its stock from movements and reservations and finds no difference; its sums are those of its rows.
fn verified(stored: &BTreeMap<String, Units>, books: &Books) -> Check {
    let verified = &books.verified;
    let mut differences: Vec<String> = verified
        .differences
        .iter()
        .map(|row| {
            let (variant, location, quantity) = (&row.variant, &row.location, &row.quantity);
            format!("{variant} at {location}: {quantity} is {}, movements say {}", row.stored, row.computed)
        })
        .collect();
    let sum = |of: fn(&Units) -> i64| stored.values().map(of).sum::<i64>();
    for (what, rows, total) in [
        ("on hand", sum(|units| units.on_hand), verified.on_hand_total),
        ("held", sum(|units| units.held), verified.held_total),
        ("allocated", sum(|units| units.allocated), verified.allocated_total),
    ] {
        if rows != total {
            differences.push(format!("{what}: {total} in all, and {rows} in rows"));
        }
    }
    Check::new("stock, differences", &0, &verified.differences.len(), differences)
}
