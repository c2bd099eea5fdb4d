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

/// What somebody writes wherever they may.
const EVIL: &str = "win a phone at https://evil.example";

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
        lines: vec![line(EVIL, 2, usd(5, 0)), line("Tea\r\nBcc: x@y.z", 1, usd(3, 250_000_000))],
        total: usd(8, 250_000_000),
        ..Default::default()
    };
    let shipment = Some(Shipment { tracking: EVIL.to_owned(), ..Default::default() });
    let (order, number) = (placed.order.clone(), placed.number.clone());
    let shipped =
        OrderShipped { order: order.clone(), number: number.clone(), owner: owner.clone(), shipment };
    let cancelled = OrderCancelled { order, number, owner: owner.clone(), reason: EVIL.to_owned() };
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
    try_deliver(db, event).await.unwrap()
}

async fn try_deliver(db: &Db, event: &Envelope) -> Result<usize> {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp(5)));
    let wanted: Vec<_> = handlers(&clock)
        .into_iter()
        .filter(|handler| handler.types().contains(&events::type_name(event)))
        .collect();
    for handler in &wanted {
        let job = (handler.clone(), event.clone());
        db.write(job, |tx, (handler, event)| handler.handle(tx, event)).await?;
    }
    Ok(wanted.len())
}

async fn open(folder: &Path) -> Db {
    Db::open(&folder.join("notifications.db"), &MIGRATOR).await.unwrap()
}

async fn log(db: &Db) -> Vec<Delivery> {
    deliveries::list(db, &Filter::default(), 100).await.unwrap().into_vec()
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
    let said = |index: usize, variable: &str| log[index].variables[variable].as_str();
    assert_eq!((said(0, "items"), said(0, "total")), ("3", "8.25 USD"));
    assert_eq!(said(4, "reason"), "the card was declined");
}

#[tokio::test]
async fn every_delivery_renders_and_says_nothing_that_somebody_else_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    for (_, event) in published(&db, &UserId::generate().name()).await {
        deliver(&db, &event).await;
    }
    let log = log(&db).await;
    assert_eq!(log.len(), templates::all().len(), "each template is some event's");
    for delivery in log {
        let rendered = templates::find(&delivery.template).unwrap().render(&delivery.variables).unwrap();
        for words in ["evil", "phone", "Bcc"] {
            let both = format!("{}\n{}", rendered.subject, rendered.text);
            assert!(!both.contains(words), "{} relays a stranger's words: {both}", delivery.template);
        }
        assert!(!rendered.text.contains("\n\n\n") && rendered.text.ends_with('\n'), "{}", rendered.text);
    }
}

#[tokio::test]
async fn a_code_or_a_number_that_is_none_is_not_relayed() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    let owner = UserId::generate().name();
    let failure_code = EVIL.to_owned();
    let failed =
        publish(&db, PaymentFailed { owner: owner.clone(), failure_code, ..Default::default() }).await;
    deliver(&db, &failed).await;
    assert!(!log(&db).await[0].variables["reason"].contains("evil"));
    let shipped = OrderShipped { owner, number: EVIL.to_owned(), ..Default::default() };
    let event = publish(&db, shipped).await;
    assert!(try_deliver(&db, &event).await.is_err());
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
    assert!(try_deliver(&db, &event).await.is_err());
    assert!(log(&db).await.is_empty());
}
