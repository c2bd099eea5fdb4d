//! Crashes after each durable step, races, defects, signals.

use super::*;
use crate::{
    clock::{Clock, SystemClock},
    db::{Db, sql, testing::temp_db},
    testing::eventually,
};
use serde::Deserialize;
use shopmesh_mesh::net::Drain;
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};
use tokio::task::JoinHandle;

const STEPS: i64 = 4;
const NOWHERE: i64 = i64::MIN;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum State {
    Step(i64),
    Asleep,
    Cancelled,
}

/// Counts to [`STEPS`]; a row per stored step, whose key a step stored twice would violate. A step that only asks has
/// a negative number.
struct Count {
    /// Hangs for ever in this step.
    hang_at: AtomicI64,
    /// Panics once in this step.
    panic_at: AtomicI64,
    performed: AtomicUsize,
}

impl Count {
    fn new(hang_at: i64, panic_at: i64) -> Arc<Self> {
        Arc::new(Self { hang_at: hang_at.into(), panic_at: panic_at.into(), performed: AtomicUsize::new(0) })
    }
}

impl Saga for Count {
    type State = State;
    type Effect = i64;
    type Outcome = i64;
    const KIND: &'static str = "count";

    fn next(state: &State, _: Timestamp) -> Next<i64> {
        match state {
            State::Step(STEPS) | State::Cancelled => Next::Done,
            State::Step(step) => Next::Do(*step),
            State::Asleep => Next::Wait(Timestamp::MAX),
        }
    }

    fn only_asks(step: &i64) -> bool {
        *step < 0
    }

    fn perform<'a>(&'a self, _: &'a str, _: &'a State, step: i64) -> BoxFuture<'a, i64> {
        Box::pin(async move {
            self.performed.fetch_add(1, Ordering::SeqCst);
            if self.hang_at.load(Ordering::SeqCst) == step {
                std::future::pending::<()>().await;
            }
            if self.panic_at.compare_exchange(step, NOWHERE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                panic!("a defect");
            }
            // Gives a second runner the chance to be in the same step.
            tokio::task::yield_now().await;
            step + 1
        })
    }

    fn apply(_: State, outcome: i64, _: Timestamp) -> State {
        State::Step(outcome)
    }

    fn record<'t>(
        &'t self,
        tx: &'t mut Tx,
        id: &'t str,
        _: &'t State,
        after: &'t State,
    ) -> BoxFuture<'t, Result<(), Error>> {
        Box::pin(async move {
            if let State::Step(step) = after {
                sql("INSERT INTO steps (id, step) VALUES ($1, $2)").bind(id).bind(*step).execute(tx).await?;
            }
            Ok(())
        })
    }
}

async fn database() -> (Db, tempfile::TempDir) {
    let (db, folder) = temp_db().await;
    db.write((), |tx, ()| {
        Box::pin(async move {
            let table = sql("CREATE TABLE steps (id TEXT, step BIGINT, PRIMARY KEY (id, step))");
            table.execute(tx).await.map_err(Error::from)
        })
    })
    .await
    .unwrap();
    (db, folder)
}

async fn begin(db: &Db, id: &'static str, state: State) -> Result<(), Error> {
    db.write(state, move |tx, state| Box::pin(start::<Count>(tx, id, state, SystemClock.now()))).await
}

fn run(db: &Db, saga: &Arc<Count>, drain: &Drain) -> (JoinHandle<()>, SagaHandle) {
    let (runner, handle) = SagaRunner::new(db.clone(), saga.clone(), Arc::new(SystemClock));
    (tokio::spawn(runner.run(drain.clone())), handle)
}

async fn state(db: &Db, id: &str) -> (State, bool) {
    let stored = load::<Count>(db, id).await.unwrap().unwrap();
    (stored.state, stored.done)
}

async fn finished(db: &Db, id: &str) {
    eventually("the saga ends", || async { state(db, id).await == (State::Step(STEPS), true) }).await;
    let rows = sql("SELECT step FROM steps WHERE id = $1 ORDER BY step").bind(id).all(db).await.unwrap();
    let steps: Vec<i64> = rows.iter().map(|row| row.int("step").unwrap()).collect();
    assert_eq!(steps, [1, 2, 3, 4]);
}

#[tokio::test]
async fn goes_on_after_a_crash_in_every_step() {
    let (db, _folder) = database().await;
    let (_trigger, drain) = Drain::new();
    for (crash_at, id) in (0..STEPS).zip(["a", "b", "c", "d"]) {
        begin(&db, id, State::Step(0)).await.unwrap();
        let (crashing, _handle) = run(&db, &Count::new(crash_at, NOWHERE), &drain);
        eventually("the step before the crash", || async { state(&db, id).await.0 == State::Step(crash_at) })
            .await;
        crashing.abort();
        assert!(crashing.await.unwrap_err().is_cancelled());
        assert_eq!(state(&db, id).await, (State::Step(crash_at), false));

        let (runner, _handle) = run(&db, &Count::new(NOWHERE, NOWHERE), &drain);
        finished(&db, id).await;
        runner.abort();
    }
}

#[tokio::test]
async fn what_only_asks_is_stored_with_the_step_after_it_and_asked_again_after_a_crash() {
    let (db, _folder) = database().await;
    let (_trigger, drain) = Drain::new();
    begin(&db, "a", State::Step(-2)).await.unwrap();
    let saga = Count::new(0, NOWHERE);
    let (crashing, _handle) = run(&db, &saga, &drain);
    eventually("it has asked twice", || async { saga.performed.load(Ordering::SeqCst) == 3 }).await;
    assert_eq!(state(&db, "a").await, (State::Step(-2), false));
    crashing.abort();
    assert!(crashing.await.unwrap_err().is_cancelled());

    let saga = Count::new(NOWHERE, NOWHERE);
    let (_runner, _handle) = run(&db, &saga, &drain);
    finished(&db, "a").await;
    assert_eq!(saga.performed.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn two_runners_store_each_step_once() {
    let (db, _folder) = database().await;
    let (trigger, drain) = Drain::new();
    let saga = Count::new(NOWHERE, NOWHERE);
    let runners = [run(&db, &saga, &drain), run(&db, &saga, &drain)];
    for id in ["a", "b", "c", "d", "e", "f"] {
        begin(&db, id, State::Step(0)).await.unwrap();
    }
    for id in ["a", "b", "c", "d", "e", "f"] {
        finished(&db, id).await;
    }
    trigger.drain(std::time::Duration::from_secs(5)).await;
    for (runner, _) in runners {
        runner.await.unwrap();
    }
}

#[tokio::test]
async fn a_panic_is_tried_again() {
    let (db, _folder) = database().await;
    let (_trigger, drain) = Drain::new();
    begin(&db, "a", State::Step(0)).await.unwrap();
    let saga = Count::new(NOWHERE, 2);
    let (_runner, handle) = run(&db, &saga, &drain);
    let mut changed = handle.changed("a");
    changed.changed().await.unwrap();
    finished(&db, "a").await;
    changed.wait_for(|progress| progress.is_over).await.unwrap();
    assert_eq!(saga.performed.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_signal_overtakes_the_effect_under_way() {
    let (db, _folder) = database().await;
    let (_trigger, drain) = Drain::new();
    begin(&db, "a", State::Asleep).await.unwrap();
    assert_eq!(begin(&db, "a", State::Asleep).await.unwrap_err().kind(), crate::ErrorKind::AlreadyExists);
    let saga = Count::new(NOWHERE, NOWHERE);
    let (_runner, handle) = run(&db, &saga, &drain);
    eventually("it waits", || async {
        load::<Count>(&db, "a").await.unwrap().unwrap().due_at == Timestamp::MAX
    })
    .await;
    handle.wake("a");

    let send = |to: State| {
        let data = (saga.clone(), to);
        db.write(data, |tx, (saga, to)| {
            Box::pin(async move { signal(tx, &**saga, "a", SystemClock.now(), |_| to.clone()).await })
        })
    };
    let mut changed = handle.changed("a");
    assert_eq!(send(State::Cancelled).await.unwrap(), Some(State::Cancelled));
    changed.changed().await.unwrap();
    assert_eq!(state(&db, "a").await, (State::Cancelled, true));
    assert_eq!(send(State::Asleep).await.unwrap(), None, "it is over");
    assert_eq!(saga.performed.load(Ordering::SeqCst), 0);
}
