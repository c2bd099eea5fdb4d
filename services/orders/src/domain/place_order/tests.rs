//! The state machine against a model of the peers that fails in every way: whatever happens, a checkout ends
//! either placed, with cover and a committed hold, or failed, with nothing held.

use proptest::prelude::*;
use shopmesh_kit::saga::Run;

use super::*;
use crate::domain::line::Quote;

const VARIANT: &str = "variants/v1";

fn start() -> PlaceOrder {
    PlaceOrder {
        checkout: CheckoutId::generate(),
        cart: CartId::generate(),
        order: OrderId::generate(),
        owner: "users/a".into(),
        channel: "channels/default".into(),
        currency: Currency::parse("USD").unwrap(),
        lines: vec![Line::quoted(VARIANT, 2, &quote(250))],
        expected_minor: Some(500),
        priced: false,
        step: Step::Price,
        payment: None,
        unknown_since: None,
        failure: None,
    }
}

fn quote(minor: i64) -> Quote {
    Quote {
        product: "products/p1".into(),
        seller: "sellers/house".into(),
        sku: "sku-1".into(),
        title: "Thing".into(),
        unit_price: Money { minor, currency: Currency::parse("USD").unwrap() },
    }
}

fn quotes(minor: i64) -> Quotes {
    Quotes([(VARIANT.to_owned(), quote(minor))].into())
}

fn payment(says: Authorization) -> Outcome {
    Answer::Done(Reply::Payment(says))
}

/// What a peer does with a call.
#[derive(Clone, Copy, Debug)]
enum Luck {
    /// It works.
    Works,
    /// It works, but the answer is lost.
    AnswerLost,
    /// The call is lost.
    CallLost,
    /// It is refused.
    Refused,
    /// The provider does not say.
    Unknown,
    /// The process ends when the answer is there, before it is stored.
    Crash,
}

/// What the peers hold for the checkout.
#[derive(Debug, Default)]
struct Peers {
    held: bool,
    committed: bool,
    release_bars: bool,
    authorized: bool,
    voided: bool,
}

impl Peers {
    fn call(&mut self, step: Step, luck: Luck) -> Outcome {
        if matches!(luck, Luck::CallLost) {
            return Answer::NoAnswer;
        }
        let refused = Failure::new(FailureReason::Internal, "refused");
        let outcome = match (step, luck) {
            (Step::Price, Luck::Refused) => Answer::Done(Reply::Quotes(quotes(260))),
            (Step::Price, _) => Answer::Done(Reply::Quotes(quotes(250))),
            (Step::Reserve, _) if self.release_bars => Answer::Refused(refused),
            (Step::Reserve, Luck::Refused) if !self.held => Answer::Refused(refused),
            (Step::Reserve, _) => self.set(|now| now.held = true),
            (Step::Authorize | Step::Sync, _) if self.voided => Answer::Refused(refused),
            (Step::Authorize | Step::Sync, Luck::Refused) if !self.authorized => {
                payment(Authorization::Failed("refused".into()))
            }
            (Step::Authorize, Luck::Unknown) => {
                self.authorized = true;
                payment(Authorization::Unknown)
            }
            (Step::Sync, Luck::Unknown) => payment(Authorization::Unknown),
            (Step::Authorize | Step::Sync, _) => {
                self.authorized = true;
                payment(Authorization::Authorized("payments/p".into()))
            }
            // The hold expired.
            (Step::Commit, Luck::Refused) if !self.committed => {
                self.held = false;
                Answer::Refused(refused)
            }
            (Step::Commit, _) => self.set(|now| now.committed = true),
            (Step::Void, Luck::Refused) | (Step::Release, Luck::Refused) => Answer::Refused(refused),
            (Step::Void, _) => self.set(|now| (now.authorized, now.voided) = (false, true)),
            (Step::Release, _) => {
                self.set(|now| (now.held, now.committed, now.release_bars) = (false, false, true))
            }
            (Step::Placed | Step::Failed, _) => unreachable!("an ended checkout calls nobody"),
        };
        if matches!(luck, Luck::AnswerLost) { Answer::NoAnswer } else { outcome }
    }

    fn set(&mut self, change: impl FnOnce(&mut Self)) -> Outcome {
        change(self);
        Answer::Done(Reply::Empty)
    }
}

fn after(state: PlaceOrder, outcome: Outcome) -> PlaceOrder {
    Run::new(state, "").apply(outcome, Timestamp(0)).state
}

/// Drives a checkout to its end, with the given luck and good luck after it.
fn run(luck: impl IntoIterator<Item = Luck>) -> (PlaceOrder, Peers, Vec<Step>) {
    let (mut run, mut peers, mut now) = (Run::new(start(), ""), Peers::default(), Timestamp(0));
    let mut steps = Vec::new();
    let mut luck = luck.into_iter();
    let mut stored = serde_json::to_string(&run).unwrap();
    for _ in 0..2_000 {
        match run.next(now) {
            Next::Done => return (run.state, peers, steps),
            Next::Wait(until) => now = until,
            Next::Do(step) => {
                steps.push(step);
                let luck = luck.next().unwrap_or(Luck::Works);
                let outcome = peers.call(step, luck);
                if matches!(luck, Luck::Crash) {
                    run = serde_json::from_str(&stored).unwrap();
                    continue;
                }
                run = run.apply(outcome, now);
                let goes_on = matches!(run.next(now), Next::Do(_));
                if !(PlaceOrder::only_asks(&step) && goes_on) {
                    stored = serde_json::to_string(&run).unwrap();
                }
            }
        }
    }
    panic!("the checkout never ends: {run:?}");
}

#[test]
fn the_straight_way() {
    let (state, peers, steps) = run([]);
    assert_eq!(steps, [Step::Price, Step::Reserve, Step::Authorize, Step::Commit]);
    assert_eq!((state.step, state.payment.as_deref()), (Step::Placed, Some("payments/p")));
    assert!(peers.committed && peers.authorized);
}

#[test]
fn a_changed_price_ends_it_with_the_new_prices_in_hand() {
    let state = after(start(), Answer::Done(Reply::Quotes(quotes(260))));
    assert_eq!(state.step, Step::Release);
    assert_eq!(state.failure.as_ref().map(|failure| failure.reason), Some(FailureReason::PriceChanged));
    assert_eq!((state.lines[0].unit_minor, state.total()), (260, None));
}

#[test]
fn another_expected_total_ends_it() {
    let state = PlaceOrder { expected_minor: Some(499), ..start() };
    let state = after(state, Answer::Done(Reply::Quotes(quotes(250))));
    assert_eq!((state.step, state.failure.unwrap().reason), (Step::Release, FailureReason::PriceChanged));
}

#[test]
fn a_price_that_changes_while_units_are_held_gives_them_back() {
    let (state, peers, steps) = run([Luck::Works, Luck::Crash, Luck::Refused]);
    assert_eq!(steps, [Step::Price, Step::Reserve, Step::Price, Step::Release]);
    assert_eq!((state.step, peers.held), (Step::Failed, false));
}

#[test]
fn a_refusal_after_the_hold_gives_everything_back() {
    let (state, _, steps) = run([Luck::Works, Luck::Works, Luck::Refused]);
    assert_eq!(state.step, Step::Failed);
    assert_eq!(steps, [Step::Price, Step::Reserve, Step::Authorize, Step::Release]);

    let (state, _, steps) = run([Luck::Works, Luck::Works, Luck::Works, Luck::Refused]);
    assert_eq!(state.step, Step::Failed);
    assert_eq!(steps[3..], [Step::Commit, Step::Void, Step::Release]);
}

#[test]
fn a_payment_that_stays_unknown_is_voided() {
    let forever = [Luck::Works, Luck::Works].into_iter().chain(std::iter::repeat_n(Luck::Unknown, 60));
    let (state, peers, steps) = run(forever);
    assert_eq!((state.step, state.failure.unwrap().reason), (Step::Failed, FailureReason::PaymentFailed));
    assert!(steps.ends_with(&[Step::Sync, Step::Void, Step::Release]));
    assert!(!peers.authorized && !peers.held);
}

#[test]
fn steps_forward_give_up_but_undoing_never_does() {
    let silent =
        |good: usize| std::iter::repeat_n(Luck::Works, good).chain(std::iter::repeat_n(Luck::CallLost, 300));
    for good in 0..4 {
        let (state, peers, _) = run(silent(good));
        assert_eq!(state.step, Step::Failed, "after {good} good steps");
        assert!(!peers.held && !peers.committed && !peers.authorized, "{peers:?}");
    }
}

fn any_luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        3 => Just(Luck::Works),
        1 => Just(Luck::AnswerLost),
        1 => Just(Luck::CallLost),
        1 => Just(Luck::Refused),
        1 => Just(Luck::Unknown),
        1 => Just(Luck::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn it_ends_with_everything_or_nothing(luck in prop::collection::vec(any_luck(), 0..60)) {
        let (state, peers, _) = run(luck);
        match state.step {
            Step::Placed => {
                prop_assert!(state.payment.is_some() && state.failure.is_none());
                prop_assert!(peers.authorized && peers.committed && peers.held);
            }
            Step::Failed => {
                prop_assert!(state.failure.is_some());
                prop_assert!(!peers.authorized && !peers.held && !peers.committed);
            }
            step => prop_assert!(false, "ended at {:?}", step),
        }
    }
}
