//! Turns a frozen cart into an order: price, reserve, authorise, commit the hold, place. A step that fails undoes the
//! earlier ones; a step without a definite answer is repeated, for every call of it is idempotent. Nothing is placed
//! without an authorised payment and a committed hold.
//!
//! Prices are stored with the hold that follows them. After a crash between the two they are asked for again while
//! the units are held already, so a price that has changed gives them back.

mod perform;
mod record;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    BoxFuture,
    clock::{Clock, Timestamp},
    db::{Db, Tx},
    error::Error,
    money::{Currency, Money},
    saga::{Next, Saga},
    sealed::Sealer,
};

use super::{retry::Retry, traced};
use crate::{
    domain::{
        checkout::{CheckoutState, Failure, FailureReason},
        line::{self, Line, PriceProblem, Quotes},
    },
    ids::{CartId, CheckoutId, OrderId},
    peers::Peers,
};

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
    Authorise,
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
    #[serde(with = "currency_code")]
    pub currency: Currency,
    /// What is bought, as last priced.
    pub lines: Vec<Line>,
    /// Total the shopper saw, in minor units.
    pub expected_minor: Option<i64>,
    /// W3C trace context of the request that started it.
    pub traceparent: String,
    /// Whether the prices are confirmed.
    pub priced: bool,
    /// The step to take next.
    pub step: Step,
    /// Attempts of that step.
    pub retry: Retry,
    /// `payments/...` once known.
    pub payment: Option<String>,
    /// Since when the payment's outcome is unknown.
    pub unknown_since: Option<Timestamp>,
    /// Why it is being undone.
    pub failure: Option<Failure>,
}

/// What a step's call came back with.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Prices as of now.
    Quoted(Quotes),
    /// It is done, now or by an earlier attempt.
    Done,
    /// The provider holds the money, as `payments/...`.
    Authorised(String),
    /// The provider's answer is not known.
    Unknown,
    /// The provider refused for good; nothing is held.
    Declined(Failure),
    /// The peer refused for good.
    Refused(Failure),
    /// No definite answer; it may or may not have happened.
    NoAnswer,
}

impl PlaceOrder {
    /// The state its checkout shows.
    pub fn checkout_state(&self) -> CheckoutState {
        match self.step {
            Step::Price | Step::Reserve | Step::Authorise | Step::Commit => CheckoutState::Pending,
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

    fn go(self, step: Step) -> Self {
        Self { step, retry: Retry::default(), ..self }
    }

    fn undo_from(self, step: Step, failure: Failure) -> Self {
        Self { failure: Some(failure), ..self.go(step) }
    }

    fn priced(mut self, quotes: &Quotes) -> Self {
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

    fn expected(self) -> Self {
        let total = line::total(&self.lines, self.currency).map(|total| total.minor).ok();
        match self.expected_minor {
            Some(expected) if Some(expected) != total => {
                let message = "the total is not the expected one; read the cart again";
                self.undo_from(Step::Release, Failure::new(FailureReason::PriceChanged, message))
            }
            _ => Self { priced: true, ..self.go(Step::Reserve) },
        }
    }

    /// Repeats the step later. Steps forward give up in the end; undoing never does.
    fn again(self, now: Timestamp) -> Self {
        let stuck = self.retry.attempts() >= MOST_ATTEMPTS;
        let failure = || Failure::new(FailureReason::Internal, "a service did not answer; try again later");
        match self.step {
            Step::Price | Step::Reserve if stuck => self.undo_from(Step::Release, failure()),
            Step::Authorise | Step::Commit if stuck => self.undo_from(Step::Void, failure()),
            Step::Sync => self.unknown(now),
            _ => Self { retry: self.retry.again(now), ..self },
        }
    }

    fn unknown(self, now: Timestamp) -> Self {
        let since = self.unknown_since.unwrap_or(now);
        if now.since(since) > UNKNOWN_LIMIT {
            let message = "the payment provider did not say whether it was paid; it was voided";
            return self.undo_from(Step::Void, Failure::new(FailureReason::PaymentFailed, message));
        }
        let retry = if self.step == Step::Sync { self.retry } else { Retry::default() };
        Self { step: Step::Sync, unknown_since: Some(since), retry: retry.again(now), ..self }
    }
}

/// A currency as its ISO 4217 code.
mod currency_code {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use shopmesh_kit::money::Currency;

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
    pub fn serialize<S: Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(currency.code())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        let code = String::deserialize(deserializer)?;
        Currency::parse(&code).map_err(|error| D::Error::custom(error.message()))
    }
}

/// The workflow with what it needs to act.
pub struct PlaceOrderSaga {
    /// The neighbours.
    pub peers: Peers,
    /// This service's database.
    pub db: Db,
    /// Opens the payment token.
    pub sealer: Sealer,
    /// Time of what is recorded.
    pub clock: Arc<dyn Clock>,
}

impl Saga for PlaceOrderSaga {
    type State = PlaceOrder;
    type Effect = Step;
    type Outcome = Outcome;

    const KIND: &'static str = "place_order";

    fn next(state: &PlaceOrder, now: Timestamp) -> Next<Step> {
        match state.step {
            Step::Placed | Step::Failed => Next::Done,
            step => state.retry.when_due(step, now),
        }
    }

    fn apply(state: PlaceOrder, outcome: Outcome, now: Timestamp) -> PlaceOrder {
        match (state.step, outcome) {
            (Step::Price, Outcome::Quoted(quotes)) => state.priced(&quotes),
            (Step::Reserve, Outcome::Done) => state.go(Step::Authorise),
            (Step::Authorise | Step::Sync, Outcome::Authorised(payment)) => {
                PlaceOrder { payment: Some(payment), ..state }.go(Step::Commit)
            }
            (Step::Authorise | Step::Sync, Outcome::Unknown) => state.unknown(now),
            (Step::Commit, Outcome::Done) => state.go(Step::Placed),
            (Step::Void, Outcome::Done) => state.go(Step::Release),
            (Step::Release, Outcome::Done) => state.go(Step::Failed),
            (Step::Price | Step::Reserve, Outcome::Refused(failure))
            | (Step::Authorise | Step::Sync, Outcome::Declined(failure)) => {
                state.undo_from(Step::Release, failure)
            }
            (Step::Authorise | Step::Sync | Step::Commit, Outcome::Refused(failure)) => {
                state.undo_from(Step::Void, failure)
            }
            // No answer, or one that cannot belong to this step: repeat it.
            _ => state.again(now),
        }
    }

    fn only_asks(step: &Step) -> bool {
        *step == Step::Price
    }

    fn perform<'a>(&'a self, _id: &'a str, state: &'a PlaceOrder, step: Step) -> BoxFuture<'a, Outcome> {
        Box::pin(traced(&state.traceparent, self.call(state, step)))
    }

    fn record<'t>(
        &'t self,
        tx: &'t mut Tx,
        _id: &'t str,
        before: &'t PlaceOrder,
        after: &'t PlaceOrder,
    ) -> BoxFuture<'t, Result<(), Error>> {
        Box::pin(self.remember(tx, before, after))
    }
}
