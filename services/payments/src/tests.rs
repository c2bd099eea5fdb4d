//! Payments against the sandbox provider: crashes between the row and the answer, refunds, and the books.

use crate::{
    App,
    domain::payment::State,
    provider::sandbox::Sandbox,
    store::{MIGRATOR, mac::LedgerKey, payments::Payment, trial_balance},
    workflows::{authorize, capture, sync, void},
};
use shopmesh_kit::{
    clock::SystemClock,
    db::{Db, sql},
    error::{Error, ErrorKind, Result},
    events::Cause,
    money::{Currency, Money},
};
use std::sync::Arc;

struct Bench {
    app: App,
    _folder: tempfile::TempDir,
}

const ADA: &str = "users/usr_1";

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("payments.db"), &MIGRATOR).await.unwrap();
        let provider = Arc::new(Sandbox::open(&folder.path().join("sandbox.db"), 2).await.unwrap());
        let ledger_key = LedgerKey::load_or_create(&folder.path().join("ledger.key")).unwrap();
        let app = App { db, clock: Arc::new(SystemClock), provider, ledger_key };
        Self { app, _folder: folder }
    }

    fn cause(&self) -> Cause {
        Cause::background("test", self.app.clock.now())
    }

    async fn authorize(&self, checkout: &str, token: &str, minor: i64) -> Result<Payment> {
        let wish = authorize::Wish {
            checkout: checkout.into(),
            owner: ADA.into(),
            amount: usd(minor),
            token: token.into(),
        };
        authorize::run(&self.app, wish, self.cause()).await
    }

    async fn balance(&self) -> trial_balance::TrialBalance {
        trial_balance::run(&self.app.db, &self.app.ledger_key).await.unwrap()
    }

    async fn alter(&self, statement: &'static str) {
        let job = self.app.db.write(statement, |tx, statement| {
            Box::pin(async move {
                sql(statement).execute(tx).await?;
                Ok::<_, Error>(())
            })
        });
        job.await.unwrap();
    }
}

#[tokio::test]
async fn each_token_does_what_its_name_says() {
    let bench = Bench::new().await;
    assert_eq!(bench.authorize("c1", "tok_approve", 100).await.unwrap().state, State::Authorised);
    let declined = bench.authorize("c2", "tok_decline", 100).await.unwrap();
    assert_eq!((declined.state, declined.failure_code.as_str()), (State::Failed, "card_declined"));
    assert_eq!(bench.authorize("c3", "tok_timeout_then_approve", 100).await.unwrap().state, State::Unknown);
    assert_eq!(sync::run(&bench.app, "c3", bench.cause()).await.unwrap().state, State::Authorised);
    assert_eq!(bench.authorize("c4", "tok_unknown", 100).await.unwrap().state, State::Unknown);
    let mut states = Vec::new();
    for _ in 0..4 {
        states.push(sync::run(&bench.app, "c4", bench.cause()).await.unwrap().state);
    }
    assert_eq!(states, [State::Unknown, State::Unknown, State::Failed, State::Failed]);
    for token in ["tok_nonsense", "4242424242424242", ""] {
        assert_eq!(bench.authorize("c5", token, 100).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    assert_eq!(bench.authorize("c5", "tok_approve", 0).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[tokio::test]
async fn a_crash_before_or_after_the_provider_was_asked_charges_once() {
    let bench = Bench::new().await;
    // After the row, before the provider.
    bench.authorize("c1", "tok_approve", 100).await.unwrap();
    bench.alter("UPDATE payments SET state = 1").await;
    assert_eq!(bench.authorize("c1", "tok_approve", 100).await.unwrap().state, State::Authorised);
    // The provider never heard of it: asking tells, and bars what may still be on its way.
    let row = Payment::new("c2", ADA, usd(5), "sandbox", vec![], bench.app.clock.now());
    let job = bench.app.db.write(row, |tx, row| Box::pin(crate::store::payments::insert(tx, row)));
    job.await.unwrap();
    assert_eq!(sync::run(&bench.app, "c2", bench.cause()).await.unwrap().state, State::Failed);
    let late = bench.app.provider.authorize("c2", "tok_approve", usd(5)).await.unwrap();
    assert_ne!(late, crate::provider::Answer::Approved);
    // After the capture, before its row.
    capture::run(&bench.app, "c1", bench.cause()).await.unwrap();
    bench.alter("DELETE FROM ledger_entries").await;
    bench.alter("DELETE FROM ledger_transactions").await;
    bench.alter("UPDATE payments SET state = 3, captured = 0 WHERE checkout = 'c1'").await;
    assert_eq!(capture::run(&bench.app, "c1", bench.cause()).await.unwrap().captured, usd(100));
    assert_eq!(bench.balance().await.problems, [""; 0]);
}

#[tokio::test]
async fn repeats_and_states() {
    let bench = Bench::new().await;
    let first = bench.authorize("c1", "tok_approve", 100).await.unwrap();
    assert_eq!(bench.authorize("c1", "tok_approve", 100).await.unwrap(), first);
    for (token, minor) in [("tok_approve", 101), ("tok_decline", 100)] {
        assert_eq!(bench.authorize("c1", token, minor).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    let captured = capture::run(&bench.app, "c1", bench.cause()).await.unwrap();
    assert_eq!(capture::run(&bench.app, "c1", bench.cause()).await.unwrap(), captured);
    assert_eq!(
        void::run(&bench.app, "c1", bench.cause()).await.unwrap_err().kind(),
        ErrorKind::FailedPrecondition
    );
    // A void that comes first bars the authorisation that comes late.
    assert_eq!(void::run(&bench.app, "c2", bench.cause()).await.unwrap().state, State::Voided);
    assert_eq!(
        bench.authorize("c2", "tok_approve", 1).await.unwrap_err().kind(),
        ErrorKind::FailedPrecondition
    );
    bench.authorize("c3", "tok_unknown", 1).await.unwrap();
    assert_eq!(void::run(&bench.app, "c3", bench.cause()).await.unwrap().state, State::Voided);
    assert_eq!(
        capture::run(&bench.app, "c3", bench.cause()).await.unwrap_err().kind(),
        ErrorKind::FailedPrecondition
    );
}

#[tokio::test]
async fn the_books_balance_and_tell_when_they_were_altered() {
    let bench = Bench::new().await;
    for (checkout, minor) in [("c1", 100), ("c2", 250)] {
        bench.authorize(checkout, "tok_approve", minor).await.unwrap();
        capture::run(&bench.app, checkout, bench.cause()).await.unwrap();
    }
    let balance = bench.balance().await;
    assert_eq!((balance.checked, balance.problems.len(), balance.accounts.len()), (2, 0, 2));
    let total: i64 = balance.accounts.values().map(|balance| balance.minor).sum();
    assert_eq!(total, 0);
    let alterations = [
        "UPDATE ledger_entries SET amount = amount * 2",
        "UPDATE ledger_transactions SET subject = subject || 'x'",
        "UPDATE ledger_entries SET account = 'mine' WHERE amount < 0",
        "DELETE FROM ledger_entries",
    ];
    for alteration in alterations {
        bench.alter(alteration).await;
        assert!(!bench.balance().await.problems.is_empty(), "{alteration}");
    }
}
