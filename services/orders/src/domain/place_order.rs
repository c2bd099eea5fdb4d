//! Turns a frozen cart into an order: price, reserve, authorize, commit the hold, place. A step that fails undoes the
//! earlier ones; a step without a definite answer is repeated, for every call of it is idempotent. Nothing is placed
//! without an authorized payment and a committed hold.
//!
//! Prices are stored with the hold that follows them. After a crash between the two they are asked for again while
//! the units are held already, so a price that has changed gives them back.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    clock::Timestamp,
    money::{Currency, Money},
    saga::{After, Answer, Attempt, Next, State},
};

use super::{
    cart::Cart,
    checkout::{CheckoutState, Failure, FailureReason},
    line::{self, Line, PriceProblem, Quotes},
    payment::Authorization,
};
use crate::ids::{CartId, CheckoutId, OrderId};

/// How long stock is held for a checkout.
pub const HOLD: Duration = Duration::from_mins(15);
/// Attempts of a step without an answer before the checkout is given up: about seven minutes of waiting, well within
/// [`HOLD`].
const MOST_ATTEMPTS: u32 = 20;
/// How long a payment may stay unknown before it is voided.
const UNKNOWN_LIMIT: Duration = Duration::from_mins(15);

/// A step of the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Ask the catalog whether the prices still hold.
    Price,
    /// Hold the units.
    Reserve,
    /// Ask for the money to be held.
    #[serde(rename = "Authorise")]
    Authorize,
    /// Ask what became of a payment that had no answer.
    Sync,
    /// Make the hold permanent, and place.
    Commit,
    /// Undo: let the payment go.
    Void,
    /// Undo: give the units back.
    Release,
    /// The end: an order.
    Placed,
    /// The end: nothing.
    Failed,
}

/// What is remembered between steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOrder {
    /// The checkout; it keys every call.
    pub checkout: CheckoutId,
    /// The frozen cart.
    pub cart: CartId,
    /// The id the order will have.
    pub order: OrderId,
    /// `users/...` who buys.
    pub owner: String,
    /// `channels/...`.
    pub channel: String,
    /// Currency of the channel.
    pub currency: Currency,
    /// What is bought, as last priced.
    pub lines: Vec<Line>,
    /// Total the shopper saw, in minor units.
    pub expected_minor: Option<i64>,
    /// Whether the prices are confirmed.
    pub priced: bool,
    /// The step to take next.
    pub step: Step,
    /// `payments/...` once known.
    pub payment: Option<String>,
    /// Since when the payment's outcome is unknown.
    pub unknown_since: Option<Timestamp>,
    /// Why it is being undone.
    pub failure: Option<Failure>,
}

/// What a step's call came back with.
pub type Outcome = Answer<Reply, Failure>;

/// What a peer replied.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Prices as of now.
    Quotes(Quotes),
    /// What the provider says of the money.
    Payment(Authorization),
    /// That it is done.
    Empty,
}

impl PlaceOrder {
    /// The checkout of a cart that it has frozen.
    pub fn of(checkout: CheckoutId, cart: Cart, expected_minor: Option<i64>) -> Self {
        Self {
            checkout,
            cart: cart.id,
            order: OrderId::generate(),
            owner: cart.owner,
            channel: cart.channel,
            currency: cart.currency,
            lines: cart.lines,
            expected_minor,
            priced: false,
            step: Step::Price,
            payment: None,
            unknown_since: None,
            failure: None,
        }
    }

    /// The state its checkout shows.
    pub fn checkout_state(&self) -> CheckoutState {
        match self.step {
            Step::Price | Step::Reserve | Step::Authorize | Step::Commit => CheckoutState::Pending,
            Step::Sync => CheckoutState::OutcomeUnknown,
            Step::Void | Step::Release => CheckoutState::Compensating,
            Step::Placed => CheckoutState::Placed,
            Step::Failed => CheckoutState::Failed,
        }
    }

    /// What the order costs, once the prices are confirmed.
    pub fn total(&self) -> Option<Money> {
        self.priced.then(|| line::total(&self.lines, self.currency).ok()).flatten()
    }

    fn go(self, step: Step) -> After<Self> {
        After::Go(Self { step, ..self })
    }

    fn undo_from(self, step: Step, failure: Failure) -> After<Self> {
        Self { failure: Some(failure), ..self }.go(step)
    }

    fn priced(mut self, quotes: &Quotes) -> After<Self> {
        match line::reprice(&self.lines, quotes, self.currency) {
            Err(PriceProblem::Unavailable(variants)) => {
                let reason = FailureReason::UnavailableItem;
                self.undo_from(Step::Release, Failure::of_variants(reason, "is no longer sold", variants))
            }
            Err(PriceProblem::Changed { variants, lines }) => {
                self.lines = lines;
                let reason = FailureReason::PriceChanged;
                self.undo_from(Step::Release, Failure::of_variants(reason, "its price changed", variants))
            }
            Ok(lines) => {
                self.lines = lines;
                self.expected()
            }
        }
    }

    fn expected(self) -> After<Self> {
        let total = line::total(&self.lines, self.currency).map(|total| total.minor).ok();
        match self.expected_minor {
            Some(expected) if Some(expected) != total => {
                let message = "the total is not the expected one; read the cart again";
                self.undo_from(Step::Release, Failure::new(FailureReason::PriceChanged, message))
            }
            _ => Self { priced: true, ..self }.go(Step::Reserve),
        }
    }

    fn paid(self, answer: Authorization, now: Timestamp) -> After<Self> {
        match answer {
            Authorization::Authorized(payment) => Self { payment: Some(payment), ..self }.go(Step::Commit),
            Authorization::Unknown => self.unknown(now),
            Authorization::Failed(code) => self.undo_from(Step::Release, declined(&code)),
        }
    }

    /// Repeats the step later. Steps forward give up in the end; undoing never does.
    fn again(self, attempt: Attempt) -> After<Self> {
        let stuck = attempt.earlier >= MOST_ATTEMPTS;
        let failure = || Failure::new(FailureReason::Internal, "a service did not answer; try again later");
        match self.step {
            Step::Price | Step::Reserve if stuck => self.undo_from(Step::Release, failure()),
            Step::Authorize | Step::Commit if stuck => self.undo_from(Step::Void, failure()),
            Step::Sync => self.unknown(attempt.now),
            _ => After::Again(self),
        }
    }

    fn unknown(self, now: Timestamp) -> After<Self> {
        let since = self.unknown_since.unwrap_or(now);
        if now.since(since) > UNKNOWN_LIMIT {
            let message = "the payment provider did not say whether it was paid; it was voided";
            return self.undo_from(Step::Void, Failure::new(FailureReason::PaymentFailed, message));
        }
        let was_unknown = self.step == Step::Sync;
        let state = Self { step: Step::Sync, unknown_since: Some(since), ..self };
        if was_unknown { After::Again(state) } else { After::Later(state) }
    }
}

impl State for PlaceOrder {
    type Effect = Step;
    type Outcome = Outcome;

    const KIND: &'static str = "place_order";

    fn next(&self, _: Timestamp) -> Next<Step> {
        match self.step {
            Step::Placed | Step::Failed => Next::Done,
            step => Next::Do(step),
        }
    }

    fn apply(self, outcome: Outcome, attempt: Attempt) -> After<Self> {
        match (self.step, outcome) {
            (Step::Price, Answer::Done(Reply::Quotes(quotes))) => self.priced(&quotes),
            (Step::Reserve, Answer::Done(Reply::Empty)) => self.go(Step::Authorize),
            (Step::Authorize | Step::Sync, Answer::Done(Reply::Payment(answer))) => {
                self.paid(answer, attempt.now)
            }
            (Step::Commit, Answer::Done(Reply::Empty)) => self.go(Step::Placed),
            (Step::Void, Answer::Done(Reply::Empty)) => self.go(Step::Release),
            (Step::Release, Answer::Done(Reply::Empty)) => self.go(Step::Failed),
            (Step::Price | Step::Reserve, Answer::Refused(failure)) => self.undo_from(Step::Release, failure),
            (Step::Authorize | Step::Sync | Step::Commit, Answer::Refused(failure)) => {
                self.undo_from(Step::Void, failure)
            }
            // No answer, or one that cannot belong to this step: repeat it.
            _ => self.again(attempt),
        }
    }

    fn only_asks(step: &Step) -> bool {
        *step == Step::Price
    }
}

fn declined(code: &str) -> Failure {
    let reason = if code.ends_with("declined") {
        FailureReason::PaymentDeclined
    } else {
        FailureReason::PaymentFailed
    };
    Failure::new(reason, format!("the payment was refused: {code}"))
}

#[cfg(test)]
mod tests;
