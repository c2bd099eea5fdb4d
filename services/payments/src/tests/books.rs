//! The books: they add up after any sequence of calls, and tell when they were altered.

use proptest::{prelude::*, test_runner::TestRunner};
use shopmesh_kit::clock::Clock;

use super::{unreliable::Fault, *};
use crate::{
    domain::{self, payment},
    store,
};

#[tokio::test]
async fn every_alteration_is_told() {
    for alteration in [
        "UPDATE ledger_entries SET amount = amount * 2",
        "UPDATE ledger_entries SET amount = amount * 2 WHERE sequence = 1",
        "UPDATE ledger_entries SET amount = 9223372036854775807 WHERE amount > 0",
        "UPDATE ledger_entries SET account = 'mine' WHERE amount < 0 AND sequence = 2",
        "UPDATE ledger_entries SET currency = 'XYZ' WHERE sequence = 2",
        "UPDATE ledger_entries SET position = position + 5 WHERE sequence = 3 AND position = 0",
        "UPDATE ledger_transactions SET subject = subject || 'x' WHERE sequence = 1",
        "UPDATE ledger_transactions SET kind = 'gift' WHERE kind = 'refund'",
        "UPDATE ledger_transactions SET created = created + 1 WHERE sequence = 2",
        "UPDATE ledger_transactions SET mac = zeroblob(32) WHERE sequence = 3",
        "DELETE FROM ledger_entries WHERE sequence = 2",
        "UPDATE payments SET captured = captured - 1 WHERE refunded = 0",
        "UPDATE payments SET refunded = refunded + 1",
        "UPDATE refunds SET amount = amount + 1",
        "UPDATE refunds SET state = 1",
    ] {
        let shop = Shop::open().await;
        let first = shop.paid(1, 100).await;
        shop.refund(refund_of(&first, 30)).await.unwrap();
        shop.paid(2, 250).await;
        shop.assert_sound().await;
        shop.tamper(alteration).await;
        let balance = shop.balance().await;
        assert!(!balance.balanced && !balance.problems.is_empty(), "{alteration}");
    }
}

#[tokio::test]
async fn a_removed_transaction_is_told_even_with_its_payment_altered_to_match() {
    let shop = Shop::open().await;
    shop.paid(1, 100).await;
    shop.paid(2, 250).await;
    shop.tamper("DELETE FROM ledger_entries WHERE sequence = 1").await;
    shop.tamper("DELETE FROM ledger_transactions WHERE sequence = 1").await;
    shop.tamper("UPDATE payments SET state = 6, captured = 0 WHERE amount = 100").await;
    assert_eq!(shop.balance().await.problems, ["transactions 1 to 1 of the ledger are missing"]);
}

#[tokio::test]
async fn large_amounts_that_were_taken_before_there_was_a_limit_still_balance() {
    let shop = Shop::open().await;
    for number in 1..=2 {
        let amount = Money::new(9_000_000_000_000_000_000, Currency::parse("USD").unwrap());
        let at = shop.clock.now();
        let asked = payment::Payment::authorizing(&checkout(number), ANN, amount, "sandbox", Vec::new(), at);
        let state = payment::PaymentState::Captured;
        let paid = payment::Payment { state, captured: amount, ..asked };
        let posted = shop.app.db.write((paid, shop.app.ledger_key.clone()), |tx, (paid, key)| {
            Box::pin(async move {
                let posting = domain::ledger::capture("sandbox", &paid.id.name(), paid.amount)?;
                store::payments::insert(tx, paid).await?;
                store::ledger::post(tx, key, &paid.id, &posting, paid.created).await
            })
        });
        posted.await.unwrap();
    }
    let balance = shop.balance().await;
    assert_eq!((balance.problems.as_slice(), balance.balanced), ([].as_slice(), true));
    let units: Vec<i64> = balance.accounts.iter().map(|of| of.balance.as_ref().unwrap().units).collect();
    assert_eq!(units, [180_000_000_000_000_000, -180_000_000_000_000_000]);
}

#[tokio::test]
async fn no_payment_is_so_large_that_the_books_could_overflow() {
    let shop = Shop::open().await;
    let most = Money::LARGEST_CHARGE;
    let refused = shop.authorize(1, "tok_approve", most + 1).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    for number in 2..=3 {
        shop.paid(number, most).await;
    }
    shop.assert_sound().await;
}

#[tokio::test]
async fn balances_are_what_moved() {
    let shop = Shop::open().await;
    let payment = shop.paid(1, 100).await;
    shop.paid(2, 250).await;
    shop.refund(refund_of(&payment, 30)).await.unwrap();
    let balance = shop.balance().await;
    let accounts: Vec<(&str, i64)> =
        balance.accounts.iter().map(|of| (of.account.as_str(), minor(of.balance.as_ref()))).collect();
    assert_eq!(accounts, [("provider:sandbox:receivable", 320), ("sales:clearing", -320)]);
    assert_eq!((balance.checked, balance.balanced), (3, true));
}

#[derive(Clone, Debug)]
enum Step {
    Authorize(u32, &'static str, i64),
    Capture(u32),
    Void(u32),
    Sync(u32),
    Refund(u32, i64),
    Fail(&'static str, Fault),
    Recover,
}

fn step() -> impl Strategy<Value = Step> {
    let token = prop_oneof![4 => Just("tok_approve"), 1 => Just("tok_decline")];
    let method = prop::sample::select(vec!["authorize", "lookup", "capture", "void", "refund"]);
    let fault = prop::sample::select(vec![Fault::Lost, Fault::AnswerLost, Fault::Unreachable]);
    prop_oneof![
        4 => (0..4_u32, token, 1..4_i64).prop_map(|(checkout, token, amount)| Step::Authorize(checkout, token, amount * 100)),
        4 => (0..4_u32).prop_map(Step::Capture),
        1 => (0..4_u32).prop_map(Step::Void),
        1 => (0..4_u32).prop_map(Step::Sync),
        4 => (0..4_u32, 1..300_i64).prop_map(|(checkout, minor)| Step::Refund(checkout, minor)),
        1 => (method, fault).prop_map(|(method, fault)| Step::Fail(method, fault)),
        1 => Just(Step::Recover),
    ]
}

/// Runs the steps; refusals are answers too.
async fn run(shop: &Shop, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Authorize(number, token, minor) => drop(shop.authorize(*number, token, *minor).await),
            Step::Capture(number) => drop(shop.capture(*number).await),
            Step::Void(number) => drop(shop.void(*number).await),
            Step::Sync(number) => drop(shop.sync(*number).await),
            Step::Refund(number, minor) => {
                if let Ok(payment) = shop.sync(*number).await {
                    drop(shop.refund(refund_of(&payment, *minor)).await);
                }
            }
            Step::Fail(method, fault) => shop.faults.add(method, *fault),
            Step::Recover => shop.recover().await,
        }
    }
}

#[test]
fn the_books_agree_with_the_providers_after_any_sequence_of_calls_and_faults() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() };
    let checked = TestRunner::new(config).run(&prop::collection::vec(step(), 1..40), |steps| {
        runtime.block_on(async {
            let shop = Shop::open().await;
            run(&shop, &steps).await;
            prop_assert_eq!(shop.balance().await.problems, [""; 0]);
            // Once the provider answers again, both sides say the same.
            shop.faults.clear();
            shop.recover().await;
            shop.assert_sound().await;
            let (captured, refunded) = shop.provider_books().await;
            prop_assert!(refunded <= captured);
            Ok(())
        })
    });
    checked.unwrap();
}
