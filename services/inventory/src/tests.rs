//! The store under concurrency, over random lives of reservations, and against tampering.

use crate::{
    App,
    changes::Changes,
    domain::reservation::{State, Verb},
    store::{MIGRATOR, locations, reservations, stock, verify},
    workflows::expire_holds,
};
use proptest::prelude::*;
use shopmesh_kit::{
    clock::{Clock, ManualClock, Timestamp},
    db::{Db, sql},
    error::{Error, ErrorKind},
    events::Cause,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

struct Bench {
    app: App,
    clock: ManualClock,
    _folder: tempfile::TempDir,
}

const VARIANTS: [&str; 3] = ["variants/a", "variants/b", "variants/c"];

impl Bench {
    /// Two locations; each variant has `units` in each.
    async fn with(units: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("inventory.db"), &MIGRATOR).await.unwrap();
        let clock = ManualClock::at(Timestamp(1_700_000_000_000_000));
        let app = App { db, clock: Arc::new(clock.clone()), changes: Changes::default() };
        let stocking = app.db.write(units, |tx, units| {
            Box::pin(async move {
                for (name, priority) in [("locations/east", 1), ("locations/west", 2)] {
                    let location = locations::Location { name: name.into(), title: name.into(), priority };
                    locations::create(tx, &location).await?;
                    for variant in VARIANTS {
                        stock::adjust(
                            tx,
                            (variant, name, "sellers/house"),
                            *units,
                            (1, "start"),
                            Timestamp(1),
                        )
                        .await?;
                    }
                }
                Ok::<_, Error>(())
            })
        });
        stocking.await.unwrap();
        Self { app, clock, _folder: folder }
    }

    async fn reserve(&self, owner: &str, lines: &[(&str, i64)]) -> Result<reservations::Reservation, Error> {
        let lines: BTreeMap<String, i64> =
            lines.iter().map(|(variant, quantity)| ((*variant).to_owned(), *quantity)).collect();
        let now = self.clock.now();
        let wish = (owner.to_owned(), lines, now + Duration::from_secs(60), Cause::background("test", now));
        let job = self.app.db.write(wish, |tx, (owner, lines, expires, cause)| {
            Box::pin(reservations::reserve(tx, owner, lines, *expires, cause))
        });
        job.await
    }

    async fn apply(&self, owner: &str, verb: Verb) -> Result<State, Error> {
        let wish = (owner.to_owned(), verb, Cause::background("test", self.clock.now()));
        let job = self
            .app
            .db
            .write(wish, |tx, (owner, verb, cause)| Box::pin(reservations::apply(tx, owner, *verb, cause)));
        Ok(job.await?.0.state)
    }

    async fn verified(&self) -> verify::Findings {
        let findings = verify::run(&self.app.db).await.unwrap();
        assert_eq!(findings.differences, []);
        findings
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_buyers_for_ten_units_hold_exactly_ten() {
    let bench = Arc::new(Bench::with(5).await);
    let buyers = (0..50).map(|number| {
        let bench = bench.clone();
        tokio::spawn(async move { bench.reserve(&format!("checkouts/{number}"), &[("variants/a", 1)]).await })
    });
    let mut held = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        match buyer.await.unwrap() {
            Ok(_) => held += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::FailedPrecondition),
        }
    }
    assert_eq!((held, bench.verified().await.held), (10, 10));
}

#[tokio::test]
async fn all_or_nothing_and_repeats() {
    let bench = Bench::with(2).await;
    let short = bench.reserve("checkouts/1", &[("variants/a", 1), ("variants/b", 5)]).await.unwrap_err();
    assert_eq!((short.kind(), bench.verified().await.held), (ErrorKind::FailedPrecondition, 0));
    let first = bench.reserve("checkouts/1", &[("variants/a", 3)]).await.unwrap();
    assert_eq!(first.units.len(), 2, "split over both locations");
    assert_eq!(bench.reserve("checkouts/1", &[("variants/a", 3)]).await.unwrap().id, first.id);
    assert_eq!(
        bench.reserve("checkouts/1", &[("variants/a", 2)]).await.unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    assert_eq!(bench.verified().await.held, 3);
}

#[tokio::test]
async fn a_released_owner_cannot_reserve_late() {
    let bench = Bench::with(2).await;
    assert_eq!(bench.apply("checkouts/1", Verb::Release).await.unwrap(), State::Released);
    let late = bench.reserve("checkouts/1", &[("variants/a", 1)]).await.unwrap_err();
    assert_eq!((late.kind(), bench.verified().await.held), (ErrorKind::FailedPrecondition, 0));
    assert_eq!(bench.apply("checkouts/2", Verb::Commit).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn holds_expire_and_cannot_be_committed_then() {
    let bench = Bench::with(2).await;
    bench.reserve("checkouts/1", &[("variants/a", 1)]).await.unwrap();
    bench.clock.advance(Duration::from_secs(60));
    assert!(bench.apply("checkouts/1", Verb::Commit).await.is_err());
    expire_holds::expire_due(&bench.app).await.unwrap();
    assert_eq!(bench.verified().await.held, 0);
    assert!(bench.apply("checkouts/1", Verb::Commit).await.is_err());
}

#[tokio::test]
async fn an_altered_row_is_found() {
    let bench = Bench::with(2).await;
    bench.app.db.write((), |tx, ()| {
        Box::pin(async move {
            sql("UPDATE stock SET on_hand = 3 WHERE variant = 'variants/a' AND location = 'locations/east'").execute(tx).await?;
            Ok::<_, Error>(())
        })
    }).await.unwrap();
    let findings = verify::run(&bench.app.db).await.unwrap();
    assert_eq!((findings.differences.len(), findings.differences[0].quantity), (1, "on_hand"));
}

#[derive(Debug, Clone)]
enum Step {
    Reserve(usize, usize, i64),
    Apply(usize, Verb),
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    let verb = prop_oneof![Just(Verb::Commit), Just(Verb::Release), Just(Verb::Fulfill)];
    prop_oneof![
        3 => (0..6usize, 0..3usize, 1..4i64).prop_map(|(owner, variant, units)| Step::Reserve(owner, variant, units)),
        3 => (0..6usize, verb).prop_map(|(owner, verb)| Step::Apply(owner, verb)),
        1 => Just(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn units_are_conserved_over_any_life(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::with(3).await;
            let mut sold = 0;
            for step in steps {
                match step {
                    Step::Reserve(owner, variant, units) => {
                        let _ = bench.reserve(&format!("checkouts/{owner}"), &[(VARIANTS[variant], units)]).await;
                    }
                    Step::Apply(owner, verb) => {
                        let before = bench.verified().await.on_hand;
                        let _ = bench.apply(&format!("checkouts/{owner}"), verb).await;
                        sold += before - bench.verified().await.on_hand;
                    }
                    Step::Wait => {
                        bench.clock.advance(Duration::from_secs(61));
                        expire_holds::expire_due(&bench.app).await.unwrap();
                    }
                }
                let findings = bench.verified().await;
                assert_eq!(findings.on_hand + sold, 18);
                assert!(findings.held >= 0 && findings.allocated >= 0);
            }
        });
    }
}
