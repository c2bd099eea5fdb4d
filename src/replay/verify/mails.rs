//! One mail for each order.

use super::Check;
use crate::{
    progress,
    replay::{memory::Memory, operator::Operator},
};
use shopmesh_proto::notifications::v1::{Delivery, DeliveryState};
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

const TEMPLATE: &str = "order-placed";
/// The queue is waited for as long as it moves, and this long when it does not.
const STANDSTILL: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(500);

/// All deliveries, once those about our orders are sent or stand still.
pub async fn settled(operator: &Operator, memory: &Memory) -> anyhow::Result<Vec<Delivery>> {
    let spinner = progress::spinner("waiting for the mails")?;
    let ours = orders(memory);
    let (mut best, mut moved) = (0, Instant::now());
    loop {
        let deliveries = operator.deliveries().await?;
        let announced =
            |delivery: &&Delivery| is_sent(delivery) && ours.contains(delivery.subject_resource.as_str());
        let sent = deliveries.iter().filter(announced).count();
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

fn is_sent(delivery: &Delivery) -> bool {
    delivery.template == TEMPLATE && delivery.state() == DeliveryState::Sent
}

fn orders(memory: &Memory) -> HashSet<&str> {
    memory.placed().filter_map(|purchase| Some(purchase.order.as_ref()?.name.as_str())).collect()
}

/// Each order was announced once, to its shopper.
pub fn check(memory: &Memory, deliveries: &[Delivery]) -> Check {
    let users: HashSet<&str> = memory.users.values().map(String::as_str).collect();
    let announcements = deliveries
        .iter()
        .filter(|delivery| delivery.template == TEMPLATE && users.contains(delivery.recipient.as_str()));
    let mut sent: HashMap<&str, usize> = HashMap::new();
    let mut differences = Vec::new();
    for delivery in announcements {
        *sent.entry(delivery.subject_resource.as_str()).or_default() += 1;
        if delivery.state() != DeliveryState::Sent {
            differences.push(format!("{} is {:?}: {}", delivery.name, delivery.state(), delivery.last_error));
        }
    }
    let ours = orders(memory);
    differences.extend(
        ours.iter().filter(|order| !sent.contains_key(**order)).map(|order| format!("{order}: no mail")),
    );
    for (order, mails) in &sent {
        if *mails > 1 || !ours.contains(order) {
            differences.push(format!("{order}: {mails} mails"));
        }
    }
    Check::new("mails", &ours.len(), &sent.values().sum(), differences)
}
