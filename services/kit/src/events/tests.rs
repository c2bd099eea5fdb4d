//! The chain, and delivery: duplicates, crashes, poisoned events, order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use prost_types::Any;
use shopmesh_mesh::{ServiceName, net::Drain};
use shopmesh_proto::inventory::v1::{StockAdjusted, StockRanOut};
use tempfile::TempDir;

use super::{relay::EVENTS_LOST, *};
use crate::{
    BoxFuture,
    clock::{ManualClock, SystemClock},
    db::{Db, Tx, sql, sql_dynamic, tables::inbox as inbox_table, testing::temp_db},
    error::ErrorKind,
    page::PAGE_BYTES,
    testing::eventually,
};

fn cause() -> Cause {
    Cause::background("test", Timestamp(1_700_000_000_000_000))
}

async fn publish(db: &Db, subject: &str, delta: i64) -> Envelope {
    let fact = StockAdjusted { delta, ..StockAdjusted::default() };
    db.write((subject.to_owned(), fact), |tx, (subject, fact)| {
        Box::pin(async move { append(tx, &cause(), subject, fact).await })
    })
    .await
    .unwrap()
}

async fn tamper(db: &Db, statement: &'static str) -> Result<u64, Error> {
    db.write((), move |tx, ()| Box::pin(async move { sql(statement).execute(tx).await.map_err(Error::from) }))
        .await
}

#[tokio::test]
async fn sequences_have_no_gaps_and_facts_come_back() {
    let (db, _folder) = temp_db().await;
    for delta in 1..=3 {
        publish(&db, "stock/a", delta).await;
        publish(&db, "stock/b", delta).await;
    }
    let stream = stream_of(&db, "stock/a").await.unwrap();
    assert_eq!(stream.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(stream.iter().all(|event| event.source == "inventory"));
    assert_eq!(type_name(&stream[0]), "shopmesh.inventory.v1.StockAdjusted");
    assert_eq!(decode::<StockAdjusted>(&stream[2]).unwrap().unwrap().delta, 3);
    assert_eq!(decode::<StockRanOut>(&stream[2]).unwrap(), None);
    let page = read_after(&db, 2, 3).await.unwrap();
    assert_eq!(page.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [3, 4, 5]);
    verify_chain(&db, "stock/a").await.unwrap();
}

#[tokio::test]
async fn large_facts_are_read_a_few_at_a_time() {
    let (db, _folder) = temp_db().await;
    let fact = StockAdjusted { variant: "x".repeat(PAGE_BYTES * 2 / 5), ..StockAdjusted::default() };
    for _ in 0..5 {
        let append = db.write(fact.clone(), |tx, fact| Box::pin(append_one(tx, fact)));
        append.await.unwrap();
    }
    let (mut position, mut pages) = (0, Vec::new());
    while let Some((reached, _)) = {
        let page = read_after(&db, position, 1000).await.unwrap();
        pages.push(page.len());
        page.last().cloned()
    } {
        position = reached;
    }
    assert_eq!(pages, [2, 2, 1, 0]);
}

async fn append_one(tx: &mut Tx, fact: &StockAdjusted) -> Result<Envelope, Error> {
    append(tx, &cause(), "stock/large", fact).await
}

#[tokio::test]
async fn a_decision_on_an_old_version_is_aborted() {
    let (db, _folder) = temp_db().await;
    let expecting = |expected: i64| {
        db.write(expected, |tx, expected| {
            Box::pin(async move {
                append_expecting(
                    tx,
                    &cause(),
                    "s/a",
                    *expected,
                    Any::from_msg(&StockRanOut::default()).unwrap(),
                )
                .await
            })
        })
    };
    assert_eq!(expecting(0).await.unwrap().sequence, 1);
    assert_eq!(expecting(0).await.unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!(expecting(2).await.unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!(expecting(1).await.unwrap().sequence, 2);
}

#[tokio::test]
async fn tampering_shows() {
    for (attack, statement) in [
        ("changed", "UPDATE kit_events SET data = X'18' WHERE sequence = 2"),
        ("changed", "UPDATE kit_events SET at = at + 1 WHERE sequence = 3"),
        ("is missing", "DELETE FROM kit_events WHERE sequence = 2"),
        ("does not follow", "UPDATE kit_events SET prev_hash = X'00' WHERE sequence = 1"),
    ] {
        let (db, _folder) = temp_db().await;
        for delta in 1..=3 {
            publish(&db, "stock/a", delta).await;
        }
        if statement.starts_with("UPDATE") {
            assert!(tamper(&db, statement).await.is_err(), "the table is append-only");
            tamper(&db, "DROP TRIGGER kit_events_keep").await.unwrap();
        }
        assert_eq!(tamper(&db, statement).await.unwrap(), 1);
        let found = verify_chain(&db, "stock/a").await.unwrap_err().to_string();
        assert!(found.contains(attack), "{statement}: {found}");
    }
}

/// Counts what it applies in a table whose key an event applied twice would violate.
struct Ledger {
    poisoned: AtomicBool,
}

impl EventHandler for Ledger {
    fn name(&self) -> &'static str {
        "ledger"
    }

    fn types(&self) -> &'static [&'static str] {
        &["shopmesh.inventory.v1.StockAdjusted"]
    }

    fn handle<'t>(&'t self, tx: &'t mut Tx, event: &'t Envelope) -> BoxFuture<'t, Result<(), Error>> {
        Box::pin(async move {
            let delta = decode::<StockAdjusted>(event)?.map_or(0, |fact| fact.delta);
            let row = sql("INSERT INTO applied (id, subject, sequence) VALUES ($1, $2, $3)");
            row.bind(&event.id).bind(&event.subject).bind(event.sequence).execute(tx).await?;
            match delta {
                13 if self.poisoned.load(Ordering::SeqCst) => Err(Error::invalid("delta", "thirteen")),
                14 if self.poisoned.load(Ordering::SeqCst) => panic!("fourteen"),
                _ => Ok(()),
            }
        })
    }
}

/// A consumer with its database.
struct Consumer {
    db: Db,
    inbox: Inbox,
    ledger: Arc<Ledger>,
    clock: ManualClock,
    _folder: TempDir,
}

impl Consumer {
    async fn new() -> Self {
        let (db, folder) = temp_db().await;
        let table =
            "CREATE TABLE applied (at INTEGER PRIMARY KEY, id TEXT UNIQUE, subject TEXT, sequence BIGINT)";
        tamper(&db, table).await.unwrap();
        let ledger = Arc::new(Ledger { poisoned: AtomicBool::new(true) });
        let clock = ManualClock::at(SystemClock.now());
        let inbox = Inbox::new(db.clone(), vec![ledger.clone()], Arc::new(clock.clone()));
        Self { db, inbox, ledger, clock, _folder: folder }
    }

    fn relay(&self, producer: &Db) -> Relay {
        Relay::new(ServiceName::Inventory, Arc::new(LocalLog::new(producer.clone())), self.inbox.clone())
    }

    async fn applied(&self) -> Vec<(String, i64)> {
        let rows = sql("SELECT subject, sequence FROM applied ORDER BY at").all(&self.db).await.unwrap();
        rows.iter().map(|row| (row.text("subject").unwrap(), row.int("sequence").unwrap())).collect()
    }

    async fn in_state(&self, state: i64) -> i64 {
        let row = sql("SELECT COUNT(*) AS n FROM kit_inbox WHERE state = $1").bind(state).one(&self.db).await;
        row.unwrap().int("n").unwrap()
    }
}

#[tokio::test]
async fn every_event_is_applied_once_across_crashes_and_repeats() {
    let (producer, _folder) = temp_db().await;
    let consumer = Consumer::new().await;
    assert_eq!(consumer.inbox.producers().into_iter().collect::<Vec<_>>(), [ServiceName::Inventory]);
    let (_trigger, drain) = Drain::new();
    let mut published: i64 = 0;
    for round in 0..10_usize {
        for subject in ["stock/a", "stock/b", "stock/c"] {
            publish(&producer, subject, 1).await;
            published += 1;
        }
        // Both workers die anywhere; others take over.
        let relay = tokio::spawn(consumer.relay(&producer).run(drain.clone()));
        let processor = tokio::spawn(Processor::new(consumer.inbox.clone()).run(drain.clone()));
        for _ in 0..round * 3 {
            tokio::task::yield_now().await;
        }
        relay.abort();
        processor.abort();
        if round == 5 {
            // A consumer restored from before its cursor moved reads everything again.
            tamper(&consumer.db, "DELETE FROM kit_cursors").await.unwrap();
        }
    }
    let relay = tokio::spawn(consumer.relay(&producer).run(drain.clone()));
    let processor = tokio::spawn(Processor::new(consumer.inbox.clone()).run(drain.clone()));
    eventually("all applied", || async { consumer.in_state(1).await == published }).await;
    let applied = consumer.applied().await;
    for subject in ["stock/a", "stock/b", "stock/c"] {
        let sequences: Vec<i64> = applied.iter().filter(|row| row.0 == subject).map(|row| row.1).collect();
        assert_eq!(sequences, (1..=10).collect::<Vec<_>>(), "in order, once");
    }
    assert_eq!(consumer.in_state(2).await, 0, "a repeat would have failed on its key");
    relay.abort();
    processor.abort();
}

#[tokio::test]
async fn a_poisoned_event_holds_back_its_subject_until_it_is_parked_and_nobody_else() {
    let (producer, _folder) = temp_db().await;
    let consumer = Consumer::new().await;
    for (subject, delta) in [("stock/bad", 13), ("stock/bad", 1), ("stock/worse", 14), ("stock/good", 1)] {
        publish(&producer, subject, delta).await;
    }
    let log = LocalLog::new(producer.clone());
    let events = log.page(0, 100, Duration::ZERO).await.unwrap();
    consumer.inbox.receive(ServiceName::Inventory, events).await.unwrap();
    let (_trigger, drain) = Drain::new();
    let processor = Processor::new(consumer.inbox.clone());

    processor.handle_due(&drain).await.unwrap();
    assert_eq!(consumer.applied().await, [("stock/good".to_owned(), 1)]);
    assert_eq!(processor.handle_due(&drain).await.unwrap(), 0, "its turn has not come");
    for _ in 1..processor::MAX_ATTEMPTS {
        assert_eq!(consumer.in_state(2).await, 0);
        consumer.clock.advance(Duration::from_secs(30));
        processor.handle_due(&drain).await.unwrap();
    }
    assert_eq!(consumer.in_state(2).await, 2, "the error and the panic are parked");
    processor.handle_due(&drain).await.unwrap();
    assert_eq!(consumer.applied().await, [("stock/good".to_owned(), 1), ("stock/bad".to_owned(), 2)]);

    consumer.ledger.poisoned.store(false, Ordering::SeqCst);
    assert_eq!(consumer.inbox.retry_parked().await.unwrap(), 2);
    processor.handle_due(&drain).await.unwrap();
    assert_eq!(consumer.applied().await.len(), 4);
    assert_eq!(consumer.inbox.purge().await.unwrap(), 0);
    consumer.clock.advance(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(consumer.inbox.purge().await.unwrap(), 4);
}

#[tokio::test]
async fn a_producer_that_lost_events_is_not_read_on() {
    let (producer, _folder) = temp_db().await;
    let consumer = Consumer::new().await;
    publish(&producer, "stock/a", 1).await;
    publish(&producer, "stock/a", 1).await;
    let log = LocalLog::new(producer.clone());
    let events = log.page(0, 100, Duration::ZERO).await.unwrap();
    consumer.inbox.receive(ServiceName::Inventory, events).await.unwrap();
    assert_eq!(consumer.relay(&producer).resume().await.unwrap(), 2);

    // Emptied, an older copy, and one that has other events at the same positions.
    let (emptied, _folder) = temp_db().await;
    for published in 0..3 {
        let lost = consumer.relay(&emptied).resume().await.unwrap_err();
        assert_eq!(lost.reason(), EVENTS_LOST, "after {published} new events");
        assert!(lost.to_string().contains("restore the database of inventory"), "{lost}");
        publish(&emptied, "stock/a", 1).await;
    }
}

#[tokio::test]
async fn a_reader_is_woken_by_a_commit() {
    let (db, _folder) = temp_db().await;
    let log = LocalLog::new(db.clone());
    let (read, _) = tokio::join!(log.page(0, 10, Duration::from_secs(60)), publish(&db, "stock/a", 1));
    assert_eq!(read.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_due_is_found_without_a_walk_past_what_is_done() {
    let (db, _folder) = temp_db().await;
    let plan =
        sql_dynamic(format!("EXPLAIN QUERY PLAN {} LIMIT $2", inbox_table::DUE)).bind(0_i64).bind(1_i64);
    let steps: Vec<String> =
        plan.all(&db).await.unwrap().iter().map(|step| step.text("detail").unwrap()).collect();
    assert_eq!(steps[0], "SCAN due USING INDEX kit_inbox_order", "{steps:?}");
    assert!(steps.iter().any(|step| step.starts_with("SEARCH earlier USING INDEX")), "{steps:?}");
}
