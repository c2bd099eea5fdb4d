//! Baskets, carts and orders.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shopmesh_proto::orders::v1::Order;

use super::{Books, Check};
use crate::replay::{
    memory::Memory,
    purchase::{Purchase, Stage},
};

pub fn checks(memory: &Memory, books: &Books) -> Vec<Check> {
    vec![baskets(memory), carts(memory), orders(memory, books), numbers(books), lines(memory, books)]
}

/// Every basket that was begun came to its end.
fn baskets(memory: &Memory) -> Check {
    let open = memory.purchases.values().filter(|purchase| !purchase.is_settled());
    let open: Vec<String> =
        open.map(|purchase| format!("basket {} is {:?}", purchase.basket, purchase.stage)).collect();
    let begun = memory.purchases.len();
    Check::new("baskets begun, settled", &begun, &(begun - open.len()), open)
}

/// A refusal leaves a cart that holds what it held and can be used again.
fn carts(memory: &Memory) -> Check {
    let refused = memory.purchases.values().filter(|purchase| !purchase.refusals.is_empty());
    let stuck =
        memory.purchases.values().filter(|purchase| purchase.stage == Stage::GaveUp { usable: false });
    let stuck = stuck.map(|purchase| {
        let why = purchase.turned_away.as_deref().unwrap_or("it is not as it was");
        format!("{} is stuck: {why}", purchase.cart)
    });
    let stuck: Vec<String> = stuck.collect();
    let count = refused.count();
    Check::new("carts refused, usable", &count, &count.saturating_sub(stuck.len()), stuck)
}

/// The same set of orders on both sides, and one basket for each.
fn orders(memory: &Memory, books: &Books) -> Check {
    let known: Vec<&str> = memory.placed().filter_map(Purchase::order_name).collect();
    let ours: BTreeSet<&str> = known.iter().copied().collect();
    let shops: BTreeSet<&str> = books.orders.iter().map(|order| order.name.as_str()).collect();
    let lost = ours.difference(&shops).map(|order| format!("{order} is not in the shop"));
    let unknown = shops.difference(&ours).map(|order| format!("{order} was not told to its shopper"));
    let mut differences: Vec<String> = lost.chain(unknown).collect();
    if known.len() != ours.len() {
        differences.push("one order for two baskets".to_owned());
    }
    Check::new("orders", &known.len(), &books.orders.len(), differences)
}

/// Order numbers of the whole shop have no gap, and none is given twice.
fn numbers(books: &Books) -> Check {
    let mut numbers = books.numbers.clone();
    numbers.sort_unstable();
    let neighbors = numbers.windows(2).filter_map(|pair| match pair[1] - pair[0] {
        0 => Some(format!("{} is given twice", pair[0])),
        1 => None,
        _ => Some(format!("none from {} to {}", pair[0] + 1, pair[1] - 1)),
    });
    let span = numbers.last().zip(numbers.first()).map_or(0, |(last, first)| last - first + 1);
    let (span, given) = (span.to_string(), numbers.len().to_string());
    Check::new("order numbers, first to last", &span, &given, neighbors.collect())
}

/// The orders hold what was in the baskets, and their shoppers read the numbers that the shop gave.
fn lines(memory: &Memory, books: &Books) -> Check {
    let by_name: HashMap<&str, &Order> =
        books.orders.iter().map(|order| (order.name.as_str(), order)).collect();
    let mut differences = Vec::new();
    for purchase in memory.placed() {
        let Some(known) = &purchase.order else { continue };
        let Some(order) = by_name.get(known.name.as_str()) else { continue };
        if purchase.units() != ordered(order) {
            differences.push(format!("{} holds other units than basket {}", known.name, purchase.basket));
        }
        if known.number != 0 && order.number != known.number.to_string() {
            differences.push(format!("{} was number {}, and is {}", known.name, known.number, order.number));
        }
    }
    let client: i64 = memory.placed().flat_map(|purchase| purchase.units().into_values()).sum();
    let shop: i64 = books.orders.iter().flat_map(|order| ordered(order).into_values()).sum();
    Check::new("units ordered", &client, &shop, differences)
}

/// Units by variant.
fn ordered(order: &Order) -> BTreeMap<&str, i64> {
    let mut units = BTreeMap::new();
    for line in &order.lines {
        *units.entry(line.variant.as_str()).or_default() += line.quantity;
    }
    units
}
