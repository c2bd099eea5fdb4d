//! Crashes after each durable step, races, defects, signals.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use serde::{Deserialize, Serialize};
use shopmesh_mesh::{context, net::Drain};
use tokio::task::JoinHandle;

use super::*;
use crate::{
    clock::{Clock, SystemClock, Timestamp},
    db::{Db, sql, testing::temp_db},
    testing::eventually,
};

const STEPS: i64 = 4;
const NOWHERE: i64 = i64::MIN;
/// A step that nobody answers.
const SILENT: i64 = 77;
const NO_ANSWER: i64 = 99;
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Where a [`Count`] is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum At {
    Step(i64),
    Asleep,
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Counted {
    at: At,
}

impl State for Counted {
    type Effect = i64;
    type Outcome = i64;
    const KIND: &'static str = "count";

    fn next(&self, _: Timestamp) -> Next<i64> {
        match self.at {
            At::Step(STEPS) | At::Cancelled => Next::Done,
            At::Step(step) => Next::Do(step),
            At::Asleep => Next::Wait(Timestamp::MAX),
        }
    }

    fn only_asks(step: &i64) -> bool {
        *step < 0
    }

    fn apply(self, outcome: i64, attempt: Attempt) -> After<Self> {
        match outcome {
            NO_ANSWER if attempt.earlier < 2 => After::Again(self),
            NO_ANSWER => After::Go(Self { at: At::Step(STEPS) }),
            step => After::Go(Self { at: At::Step(step) }),
        }
    }
}

/// Counts to [`STEPS`]; a row per stored step, whose key a step stored twice would violate. A step that only asks has
/// a negative number.
struct Count {
    /// Hangs for ever in this step.
    hang_at: AtomicI64,
    /// Panics once in this step.
    panic_at: AtomicI64,
    performed: AtomicUsize,
    traces: Mutex<Vec<String>>,
}

impl Count {
    fn new(hang_at: i64, panic_at: i64) -> Arc<Self> {
        Arc::new(Self {
            hang_at: hang_at.into(),
            panic_at: panic_at.into(),
            performed: AtomicUsize::new(0),
            traces: Mutex::default(),
        })
    }
}

impl Saga for Count {
    type State = Counted;

    async fn perform(&self, _: &Counted, step: i64) -> i64 {
        self.performed.fetch_add(1, Ordering::SeqCst);
        if self.hang_at.load(Ordering::SeqCst) == step {
            std::future::pending::<()>().await;
        }
        if self.panic_at.compare_exchange(step, NOWHERE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            panic!("a defect");
        }
        // Gives a second runner the chance to be in the same step.
        tokio::task::yield_now().await;
        if step == SILENT {
            self.traces.lock().unwrap().push(context::current().unwrap().traceparent);
            return NO_ANSWER;
        }
        step + 1
    }

    async fn record(&self, tx: &mut Tx, _: &Counted, after: &Counted, cause: &Cause) -> Result<()> {
        if let At::Step(step) = after.at
            && step != SILENT
        {
            let insert = sql("INSERT INTO steps (id, step) VALUES ($1, $2)");
            insert.bind(&cause.causation_id).bind(step).execute(tx).await?;
        }
        Ok(())
    }
}

async fn database() -> (Db, tempfile::TempDir) {
    let (db, folder) = temp_db().await;
    db.write((), |tx, ()| {
        Box::pin(async move {
            let table = sql("CREATE TABLE steps (id TEXT, step BIGINT, PRIMARY KEY (id, step))");
            table.execute(tx).await.map_err(crate::Error::from)
        })
    })
    .await
    .unwrap();
    (db, folder)
}

async fn begin(db: &Db, id: &'static str, at: At) -> Result<()> {
    let cause = Cause { traceparent: TRACE.into(), causation_id: String::new(), at: SystemClock.now() };
    db.write((at, cause), move |tx, (at, cause)| Box::pin(start(tx, id, Counted { at: at.clone() }, cause)))
        .await
}

fn run(db: &Db, saga: &Arc<Count>, drain: &Drain) -> (JoinHandle<()>, SagaHandle) {
    let (runner, handle) = SagaRunner::new(db.clone(), saga.clone(), Arc::new(SystemClock));
    (tokio::spawn(runner.run(drain.clone())), handle)
}

async fn state(db: &Db, id: &str) -> (At, bool) {
    let stored = load::<Counted>(db, id).await.unwrap().unwrap();
    (stored.run.state.at, stored.done)
}

async fn finished(db: &Db, id: &str) {
    eventually("the saga ends", || async { state(db, id).await == (At::Step(STEPS), true) }).await;
    let rows = sql("SELECT step FROM steps WHERE id = $1 ORDER BY step").bind(id).all(db).await.unwrap();
    let steps: Vec<i64> = rows.iter().map(|row| row.int("step").unwrap()).collect();
    assert_eq!(steps, [1, 2, 3, 4]);
}

#[tokio::test]
async fn goes_on_after_a_crash_in_every_step() {
    let (db, _folder) = database().await;
    let (_trigger, drain) = Drain::new();
    for (crash_at, id) in (0..STEPS).zip(["a", "b", "c", "d"]) {
        begin(&db, id, At::Step(0)).await.unwrap();
        let (crashing, _handle) = run(&db, &Count::new(crash_at, NOWHERE), &drain);
        eventually("the step before the crash", || async { state(&db, id).await.0 == At::Step(crash_at) })
            .await;
        crashing.abort();
        assert!(crashing.await.unwrap_err().is_cancelled());
        assert_eq!(state(&db, id).await, (At::Step(crash_at), false));

        let (runner, _handle) = run(&db, &Count::new(NOWHERE, NOWHERE), &drain);
        finished(&db, id).await;
        runner.abort();
    }
}

#[tokio::test]
async fn what_only_asks_is_stored_with_the_step_after_it_and_asked_again_after_a_crash() {
    let (db, _folder) = database().await;
    let (_trigger, drain) = Drain::new();
    begin(&db, "a", At::Step(-2)).await.unwrap();
    let saga = Count::new(0, NOWHERE);
    let (crashing, _handle) = run(&db, &saga, &drain);
    eventually("it has asked twice", || async { saga.performed.load(Ordering::SeqCst) == 3 }).await;
    assert_eq!(state(&db, "a").await, (At::Step(-2), false));
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
        begin(&db, id, At::Step(0)).await.unwrap();
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
    begin(&db, "a", At::Step(0)).await.unwrap();
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
    begin(&db, "a", At::Asleep).await.unwrap();
    assert_eq!(begin(&db, "a", At::Asleep).await.unwrap_err().kind(), crate::ErrorKind::AlreadyExists);
    let saga = Count::new(NOWHERE, NOWHERE);
    let (_runner, handle) = run(&db, &saga, &drain);
    eventually("it waits", || async {
        load::<Counted>(&db, "a").await.unwrap().unwrap().due_at == Timestamp::MAX
    })
    .await;
    handle.wake("a");

    let send = |to: At| {
        let data = (saga.clone(), to);
        db.write(data, |tx, (saga, to)| {
            Box::pin(async move {
                signal(tx, &**saga, "a", SystemClock.now(), |_| Counted { at: to.clone() }).await
            })
        })
    };
    let mut changed = handle.changed("a");
    assert_eq!(send(At::Cancelled).await.unwrap(), Some(Counted { at: At::Cancelled }));
    changed.changed().await.unwrap();
    assert_eq!(state(&db, "a").await, (At::Cancelled, true));
    assert_eq!(send(At::Asleep).await.unwrap(), None, "it is over");
    assert_eq!(saga.performed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_has_no_answer_is_repeated_later_in_the_trace_of_its_start() {
    let (db, _folder) = database().await;
    let (_trigger, drain) = Drain::new();
    begin(&db, "a", At::Step(SILENT)).await.unwrap();
    let saga = Count::new(NOWHERE, NOWHERE);
    let started = std::time::Instant::now();
    let (_runner, _handle) = run(&db, &saga, &drain);
    eventually("it gives up", || async { state(&db, "a").await == (At::Step(STEPS), true) }).await;
    assert!(started.elapsed() >= std::time::Duration::from_millis(600), "200 and 400 ms");
    assert_eq!(*saga.traces.lock().unwrap(), [TRACE; 3]);
}

#[test]
fn a_row_holds_one_object_of_the_state_and_what_the_runner_knows() {
    let text = format!(
        r#"{{"at":{{"Step":77}},"traceparent":"{TRACE}","retry":{{"attempts":2,"not_before":5000000}}}}"#
    );
    let run: Run<Counted> = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&run).unwrap(), text);
    assert_eq!(run.next(Timestamp(4_999_999)), Next::Wait(Timestamp(5_000_000)));
    assert_eq!(run.next(Timestamp(5_000_000)), Next::Do(SILENT));
    assert_eq!(run.apply(NO_ANSWER, Timestamp(6_000_000)).state, Counted { at: At::Step(STEPS) });
}
