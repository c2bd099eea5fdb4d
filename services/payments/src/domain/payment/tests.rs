//! Whatever is decided in whatever order: money is conserved and states move along the arrows.

use proptest::prelude::*;

use super::*;
use crate::domain::answer::Action;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn payment(minor: i64) -> Payment {
    Payment::authorizing("checkouts/c", "users/u", usd(minor), "sandbox", vec![1], Timestamp(1))
}

fn answer<T>(outcome: T) -> Answer<T> {
    Answer { reference: String::new(), outcome }
}

fn declined(code: &str) -> Authorization {
    Authorization::Declined(code.to_owned())
}

#[derive(Clone, Debug)]
enum Step {
    Settle(Authorization),
    Capturing,
    Captured,
    Voiding,
    Voided,
    Refused,
    Refunding(i64),
    Refunded(usize),
    RefundRefused(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        3 => Just(Authorization::Held),
        1 => Just(declined("card_declined")),
        1 => Just(Authorization::RequiresAction(Action::Redirect("https://bank".to_owned()))),
        1 => Just(Authorization::Pending),
    ];
    prop_oneof![
        outcome.prop_map(Step::Settle),
        Just(Step::Capturing),
        Just(Step::Captured),
        Just(Step::Voiding),
        Just(Step::Voided),
        Just(Step::Refused),
        (-5..80_i64).prop_map(Step::Refunding),
        (0..4_usize).prop_map(Step::Refunded),
        (0..4_usize).prop_map(Step::RefundRefused),
    ]
}

/// The change a step makes, if any. Pending refunds are kept in `pending`.
fn decide(payment: &Payment, step: &Step, pending: &mut Vec<Refund>) -> Option<Change> {
    match step {
        Step::Settle(outcome) => payment.settled(&answer(outcome.clone())),
        Step::Capturing => payment.capturing().ok().flatten(),
        Step::Captured => payment.captured(&answer(Capture::Captured)).ok().flatten(),
        Step::Voiding => payment.voiding().ok().flatten(),
        Step::Voided => payment.voided().ok().flatten(),
        Step::Refused => payment.intent_refused(),
        Step::Refunding(minor) => {
            let change = payment.refunding(usd(*minor)).ok()?;
            pending.push(Refund::pending(&payment.id, usd(*minor), String::new(), Timestamp(1)));
            Some(change)
        }
        Step::Refunded(at) if *at < pending.len() => payment.refunded(&pending.swap_remove(*at)).ok(),
        Step::RefundRefused(at) if *at < pending.len() => {
            payment.refund_refused(&pending.swap_remove(*at)).ok()
        }
        Step::Refunded(_) | Step::RefundRefused(_) => None,
    }
}

/// The arrows of the contract.
fn may_follow(from: PaymentState, to: PaymentState) -> bool {
    use PaymentState::{Authorized, Authorizing, Captured, Failed, Unknown, Voided};
    from == to
        || match from {
            Authorizing => matches!(to, Unknown | Authorized | Failed | Voided),
            Unknown => matches!(to, Authorized | Failed | Voided),
            Authorized => matches!(to, Captured | Voided),
            Captured | Failed | Voided => false,
        }
}

proptest! {
    #[test]
    fn money_is_conserved_and_states_follow_the_arrows(steps in prop::collection::vec(step(), 1..200)) {
        let (mut payment, mut pending) = (payment(100), Vec::new());
        let mut receivable = 0;
        for step in &steps {
            let Some(change) = decide(&payment, step, &mut pending) else { continue };
            prop_assert!(may_follow(payment.state, change.payment.state), "{:?} {step:?}", payment.state);
            if let Some(posting) = &change.posting {
                let sum: i64 = posting.entries.iter().map(|entry| entry.amount.minor).sum();
                prop_assert_eq!(sum, 0);
                let of = |entry: &&ledger::Entry| entry.account == "provider:sandbox:receivable";
                receivable += posting.entries.iter().filter(of).map(|entry| entry.amount.minor).sum::<i64>();
            }
            payment = change.payment;
            let Payment { amount, captured, refunding, refunded, .. } = &payment;
            prop_assert!(captured.minor <= amount.minor && refunding.minor + refunded.minor <= captured.minor);
            prop_assert!(refunding.minor >= 0 && refunded.minor >= 0);
            prop_assert_eq!(refunding.minor, pending.iter().map(|refund| refund.amount.minor).sum::<i64>());
            prop_assert_eq!(receivable, captured.minor - refunded.minor, "the ledger is what was moved");
        }
    }
}

#[test]
fn silence_settles_nothing() {
    let unknown = payment(1).settled(&Answer::default()).unwrap();
    assert_eq!((unknown.payment.state, unknown.event), (PaymentState::Unknown, None));
    let settled = unknown.payment.settled(&answer(Authorization::Held)).unwrap().payment;
    assert_eq!(settled.settled(&answer(declined("late"))), None, "a late answer moves nothing back");
}

#[test]
fn capture_and_void_exclude_one_another() {
    let authorized = payment(1).settled(&answer(Authorization::Held)).unwrap().payment;
    let capturing = authorized.capturing().unwrap().unwrap().payment;
    assert!(capturing.voiding().is_err());
    let voiding = authorized.voiding().unwrap().unwrap().payment;
    assert!(voiding.capturing().is_err());
    assert!(authorized.captured(&answer(Capture::Captured)).is_err(), "nobody asked");
}

#[test]
fn absurd_refunds_are_refused() {
    let authorized = payment(100).settled(&answer(Authorization::Held)).unwrap().payment;
    assert!(authorized.refunding(usd(1)).is_err(), "nothing was taken yet");
    let captured = authorized
        .capturing()
        .unwrap()
        .unwrap()
        .payment
        .captured(&answer(Capture::Captured))
        .unwrap()
        .unwrap()
        .payment;
    let euro = Money::new(1, Currency::parse("EUR").unwrap());
    for amount in [usd(0), usd(-1), usd(i64::MIN), usd(i64::MAX), usd(101), euro] {
        assert!(captured.refunding(amount).is_err(), "{amount}");
    }
    assert!(captured.refunding(usd(100)).is_ok());
}

#[test]
fn the_reference_is_what_the_provider_told_last() {
    let told = |reference: &str| Answer { reference: reference.to_owned(), outcome: Capture::Captured };
    let held = Answer { reference: "authorization".to_owned(), outcome: Authorization::Held };
    let capturing = payment(1).settled(&held).unwrap().payment.capturing().unwrap().unwrap().payment;
    for (reference, kept) in [("", "authorization"), ("capture", "capture")] {
        let captured = capturing.captured(&told(reference)).unwrap().unwrap().payment;
        assert_eq!(captured.provider_reference, kept);
    }
}
