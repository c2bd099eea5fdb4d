//! Each consumed event becomes the right delivery, once, whose template has exactly the variables it gets.

use std::path::Path;

use shopmesh_kit::{
    clock::{ManualClock, Timestamp},
    db::Db,
    events::Cause,
};
use shopmesh_proto::{
    google::r#type::Money,
    identity::v1::{SignUpRepeated, UserCreated},
    orders::v1::{OrderCancelled, OrderLine, OrderPlaced, OrderShipped, Shipment},
    payments::v1::{PaymentFailed, PaymentRefunded},
};

use super::*;
use crate::{
    domain::delivery::Delivery,
    ids::UserId,
    store::{MIGRATOR, deliveries::Filter},
    templates,
};

fn usd(units: i64, nanos: i32) -> Option<Money> {
    Some(Money { currency_code: "USD".to_owned(), units, nanos })
}

/// Events as their producers publish them, all about `user`; with the template of each.
async fn published(db: &Db, user: &str) -> Vec<(&'static str, Envelope)> {
    let owner = user.to_owned();
    let line = |title: &str, quantity, total| OrderLine {
        title: title.to_owned(),
        quantity,
        total,
        ..Default::default()
    };
    let placed = OrderPlaced {
        order: "orders/o1".to_owned(),
        number: "1007".to_owned(),
        owner: owner.clone(),
        lines: vec![line("Oat milk", 2, usd(5, 0)), line("Tea\r\nBcc: x@y.z", 1, usd(3, 250_000_000))],
        total: usd(8, 250_000_000),
        ..Default::default()
    };
    let shipment = Some(Shipment { tracking: "UPS 1Z".to_owned(), ..Default::default() });
    let (order, number) = (placed.order.clone(), placed.number.clone());
    let shipped =
        OrderShipped { order: order.clone(), number: number.clone(), owner: owner.clone(), shipment };
    let cancelled = OrderCancelled { order, number, owner: owner.clone(), reason: String::new() };
    let payment = "payments/p1".to_owned();
    let refunded = PaymentRefunded {
        payment: payment.clone(),
        owner: owner.clone(),
        amount: usd(8, 250_000_000),
        ..Default::default()
    };
    let failed = PaymentFailed {
        payment,
        owner: owner.clone(),
        failure_code: "card_declined".to_owned(),
        ..Default::default()
    };
    vec![
        ("order-placed", publish(db, placed).await),
        ("order-shipped", publish(db, shipped).await),
        ("order-cancelled", publish(db, cancelled).await),
        ("payment-refunded", publish(db, refunded).await),
        ("payment-failed", publish(db, failed).await),
        ("sign-up-repeated", publish(db, SignUpRepeated { user: owner.clone() }).await),
        ("welcome", publish(db, UserCreated { user: owner }).await),
    ]
}

async fn publish<M: Message + Name + 'static>(db: &Db, data: M) -> Envelope {
    let append = db.write(data, |tx, data| {
        Box::pin(async move {
            events::append(tx, &Cause::background("test", Timestamp(1)), "subject", data).await
        })
    });
    append.await.unwrap()
}

/// Hands an event to whoever wants it; answers how many did.
async fn deliver(db: &Db, event: &Envelope) -> usize {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp(5)));
    let wanted: Vec<_> = handlers(&clock)
        .into_iter()
        .filter(|handler| handler.types().contains(&events::type_name(event)))
        .collect();
    for handler in &wanted {
        let job = (handler.clone(), event.clone());
        db.write(job, |tx, (handler, event)| handler.handle(tx, event)).await.unwrap();
    }
    wanted.len()
}

async fn open(folder: &Path) -> Db {
    Db::open(&folder.join("notifications.db"), &MIGRATOR).await.unwrap()
}

async fn log(db: &Db) -> Vec<Delivery> {
    let everything = Filter { recipient: None, subject_resource: None, before: None };
    deliveries::list(db, &everything, 100).await.unwrap().into_vec()
}

#[tokio::test]
async fn every_event_becomes_one_delivery_however_often_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    let user = UserId::generate();
    let published = published(&db, &user.name()).await;
    for _ in 0..3 {
        for (_, event) in &published {
            assert_eq!(deliver(&db, event).await, 1, "{}", events::type_name(event));
        }
    }
    let mut log = log(&db).await;
    log.reverse();
    let expected: Vec<_> = published.iter().map(|(template, _)| *template).collect();
    assert_eq!(log.iter().map(|delivery| delivery.template.as_str()).collect::<Vec<_>>(), expected);
    assert!(log.iter().all(|delivery| delivery.recipient == user && delivery.created == Timestamp(5)));
    assert_eq!(log[0].subject_resource, "orders/o1");
    assert_eq!(log[0].variables["lines"], "2 x Oat milk, 5.00 USD\n1 x Tea  Bcc: x@y.z, 3.25 USD");
    assert_eq!(
        (log[0].variables["total"].as_str(), log[4].variables["reason"].as_str()),
        ("8.25 USD", "card declined")
    );
}

#[tokio::test]
async fn every_delivery_renders() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    for (_, event) in published(&db, &UserId::generate().name()).await {
        deliver(&db, &event).await;
    }
    let log = log(&db).await;
    assert_eq!(log.len(), templates::all().len(), "each template is some event's");
    for delivery in log {
        let mut values = delivery.variables.clone();
        values.insert("name".to_owned(), "Ann".to_owned());
        let rendered = templates::find(&delivery.template).unwrap().render(&values).unwrap();
        assert!(!rendered.text.contains("\n\n\n") && rendered.text.ends_with('\n'), "{}", rendered.text);
    }
}

#[tokio::test]
async fn who_has_no_account_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    for (_, event) in published(&db, "guests/g1").await {
        deliver(&db, &event).await;
    }
    assert!(log(&db).await.is_empty());
}

#[tokio::test]
async fn an_amount_that_is_none_is_an_error_and_queues_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    let event =
        publish(&db, PaymentRefunded { owner: UserId::generate().name(), ..Default::default() }).await;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp(5)));
    let handler = on_payment_refunded::handler(clock);
    assert!(db.write((handler, event), |tx, (handler, event)| handler.handle(tx, event)).await.is_err());
    assert!(log(&db).await.is_empty());
}
