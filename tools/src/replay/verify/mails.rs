//! One mail for each order.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use shopmesh_proto::notifications::v1::{Delivery, DeliveryState};

use super::Check;
use crate::{
    progress,
    replay::{memory::Memory, operator::Operator, purchase::Purchase},
};

const TEMPLATE: &str = "order-placed";
/// The queue is waited for as long as it moves, and this long when it does not.
const STANDSTILL: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(500);

/// All deliveries, once those about our orders are sent or stand still.
pub async fn settled(operator: &Operator, memory: &Memory) -> anyhow::Result<Vec<Delivery>> {
    let spinner = progress::spinner("waiting for the mails")?;
    let ours = owners(memory);
    let (mut best, mut moved) = (0, Instant::now());
    loop {
        let deliveries = operator.deliveries().await?;
        let sent = announced(&deliveries, &ours);
        if sent > best {
            (best, moved) = (sent, Instant::now());
        }
        if sent >= ours.len() || moved.elapsed() > STANDSTILL {
            spinner.finish_and_clear();
            return Ok(deliveries);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How many of `ours` a mail was sent about.
fn announced(deliveries: &[Delivery], ours: &HashMap<&str, &str>) -> usize {
    let sent = deliveries.iter().filter(|delivery| is_sent(delivery));
    let orders: HashSet<&str> = sent.map(|delivery| delivery.subject_resource.as_str()).collect();
    orders.iter().filter(|order| ours.contains_key(**order)).count()
}

fn is_sent(delivery: &Delivery) -> bool {
    delivery.template == TEMPLATE && delivery.state() == DeliveryState::Sent
}

/// Our orders, and the account of the household that placed each.
fn owners(memory: &Memory) -> HashMap<&str, &str> {
    let owner = |purchase: &Purchase| memory.users.get(&purchase.household).map_or("", String::as_str);
    let order = |purchase| Some((Purchase::order_name(purchase)?, owner(purchase)));
    memory.placed().filter_map(order).collect()
}

/// Each order was announced once, to its shopper.
pub fn check(memory: &Memory, deliveries: &[Delivery]) -> Check {
    let (ours, shoppers) = (owners(memory), memory.shoppers());
    let mut mails: HashMap<&str, usize> = HashMap::new();
    let mut differences = Vec::new();
    for delivery in deliveries.iter().filter(|delivery| delivery.template == TEMPLATE) {
        let (order, recipient) = (delivery.subject_resource.as_str(), delivery.recipient.as_str());
        let owner = ours.get(order);
        if owner.is_none() && !shoppers.contains(recipient) {
            continue;
        }
        *mails.entry(order).or_default() += 1;
        if owner.is_some_and(|owner| *owner != recipient) {
            differences.push(format!("{order} was announced to {recipient}, who did not place it"));
        }
        if !is_sent(delivery) {
            differences.push(format!("{} is {:?}: {}", delivery.name, delivery.state(), delivery.last_error));
        }
    }
    let silent = ours.keys().filter(|order| !mails.contains_key(**order));
    differences.extend(silent.map(|order| format!("{order}: no mail")));
    for (order, count) in &mails {
        if *count > 1 || !ours.contains_key(order) {
            differences.push(format!("{order}: {count} mails"));
        }
    }
    Check::new("mails", &ours.len(), &mails.values().sum(), differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_mails_about_one_order_do_not_stand_for_two_orders() {
        let mail = |order: &str| Delivery {
            template: TEMPLATE.to_owned(),
            subject_resource: order.to_owned(),
            state: DeliveryState::Sent.into(),
            ..Delivery::default()
        };
        let ours = [("orders/1", "users/u"), ("orders/2", "users/u")].into();
        let mut deliveries = vec![mail("orders/1"), mail("orders/1"), mail("orders/3")];
        assert_eq!(announced(&deliveries, &ours), 1);
        deliveries.push(mail("orders/2"));
        assert_eq!(announced(&deliveries, &ours), 2);
    }
}
