//! The life of a payment. Every decision is made here, from the row as it is in the transaction that writes it.

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
    money::{Currency, Money},
};

use super::{
    answer::{Answer, Authorization, Capture},
    ledger::{self, Posting},
    refund::Refund,
};
use crate::ids::PaymentId;

/// State of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Written down; the provider is being asked.
    Authorizing,
    /// The provider's answer is not known.
    Unknown,
    /// Held at the provider.
    Authorized,
    /// Taken.
    Captured,
    /// Refused.
    Failed,
    /// Let go.
    Voided,
}

/// What the provider is being asked to do. Written before it is asked, so that a crash leaves a trace, and so that
/// capture and void exclude one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Nothing.
    Nothing,
    /// Take the money.
    Capture,
    /// Let it go.
    Void,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// `checkouts/...` it pays for; its key at the provider.
    pub checkout: String,
    /// `users/...`; empty in the tombstone of a checkout that was voided before it was authorized.
    pub owner: String,
    /// State.
    pub state: PaymentState,
    /// What is under way.
    pub intent: Intent,
    /// What was asked for.
    pub amount: Money,
    /// What was taken.
    pub captured: Money,
    /// What is being given back.
    pub refunding: Money,
    /// What was given back.
    pub refunded: Money,
    /// Name of the provider.
    pub provider: String,
    /// The provider's own id of it, as it told last; empty while it told none.
    pub provider_reference: String,
    /// Tells a repeat from another request.
    pub token_hash: Vec<u8>,
    /// Why it failed; empty otherwise.
    pub failure_code: String,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created: Timestamp,
    /// Last change.
    pub updated: Timestamp,
}

/// What others are told of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An amount is held.
    Authorized,
    /// The payment was refused.
    Failed,
    /// The amount was taken.
    Captured,
    /// The authorization was let go.
    Voided,
    /// Money was given back.
    Refunded {
        /// `payments/.../refunds/...`.
        refund: String,
        /// How much.
        amount: Money,
    },
}

/// A decision: the payment after it, what is posted, what is told. Written in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The payment after it.
    pub payment: Payment,
    /// The ledger transaction of money that moved.
    pub posting: Option<Posting>,
    /// The event.
    pub event: Option<Event>,
}

/// `None`: it was done before, there is nothing to write.
pub type Decision = Result<Option<Change>>;

impl Payment {
    /// A payment that the provider is about to be asked for.
    pub fn authorizing(
        checkout: &str,
        owner: &str,
        amount: Money,
        provider: &str,
        token_hash: Vec<u8>,
        now: Timestamp,
    ) -> Self {
        let zero = Money::zero(amount.currency);
        Self {
            id: PaymentId::generate(),
            checkout: checkout.to_owned(),
            owner: owner.to_owned(),
            state: PaymentState::Authorizing,
            intent: Intent::Nothing,
            amount,
            captured: zero,
            refunding: zero,
            refunded: zero,
            provider: provider.to_owned(),
            provider_reference: String::new(),
            token_hash,
            failure_code: String::new(),
            version: 1,
            created: now,
            updated: now,
        }
    }

    /// What bars a checkout that was voided before it was authorized: nothing, of no currency.
    pub fn barred(checkout: &str, provider: &str, now: Timestamp) -> Self {
        let nothing = Money::zero(Currency::NONE);
        let barred = Self::authorizing(checkout, "", nothing, provider, Vec::new(), now);
        Self { state: PaymentState::Voided, ..barred }
    }

    /// Whether what became of the authorization is still open.
    pub fn is_open(&self) -> bool {
        matches!(self.state, PaymentState::Authorizing | PaymentState::Unknown)
    }

    /// Whether `asked`, a new payment for the same checkout, is a repeat of what made this one.
    ///
    /// # Errors
    /// FAILED_PRECONDITION when it was voided, INVALID_ARGUMENT when anything else is asked for.
    pub fn check_repeat(&self, asked: &Payment) -> Result<()> {
        if self.state == PaymentState::Voided || self.intent == Intent::Void {
            return Err(self.refuse("it was voided; start another checkout"));
        }
        let terms = |payment: &Payment| (payment.owner.clone(), payment.amount, payment.token_hash.clone());
        if terms(self) != terms(asked) {
            let problem = "has a payment with another owner, amount or token; start another checkout";
            return Err(Error::invalid("checkout", problem));
        }
        Ok(())
    }

    /// The provider has answered, or was asked in vain.
    pub fn settled(&self, answer: &Answer<Authorization>) -> Option<Change> {
        if !self.is_open() {
            return None;
        }
        let (state, code, event) = match &answer.outcome {
            Authorization::Held => (PaymentState::Authorized, "", Some(Event::Authorized)),
            Authorization::Declined(code) => (PaymentState::Failed, code.as_str(), Some(Event::Failed)),
            // Written even if it was unknown before: that tells when the provider was last asked.
            Authorization::RequiresAction(_) | Authorization::Pending => (PaymentState::Unknown, "", None),
        };
        let provider_reference = answer.reference_after(&self.provider_reference);
        let payment = Payment { state, failure_code: code.to_owned(), provider_reference, ..self.clone() };
        Some(Change { payment, posting: None, event })
    }

    /// The provider is about to be asked for the money.
    ///
    /// # Errors
    /// FAILED_PRECONDITION unless it is held, or taken already.
    pub fn capturing(&self) -> Decision {
        match (self.state, self.intent) {
            (PaymentState::Captured, _) | (PaymentState::Authorized, Intent::Capture) => Ok(None),
            (PaymentState::Authorized, Intent::Nothing) => Ok(Some(self.with_intent(Intent::Capture))),
            _ => Err(self.refuse("only an authorized payment can be captured")),
        }
    }

    /// The provider has given the money.
    ///
    /// # Errors
    /// FAILED_PRECONDITION when it was not asked to.
    pub fn captured(&self, answer: &Answer<Capture>) -> Decision {
        match (self.state, self.intent) {
            (PaymentState::Captured, _) => Ok(None),
            (PaymentState::Authorized, Intent::Capture) => {
                let posting = ledger::capture(&self.provider, &self.id.name(), self.amount)?;
                let payment = Payment {
                    state: PaymentState::Captured,
                    captured: self.amount,
                    intent: Intent::Nothing,
                    provider_reference: answer.reference_after(&self.provider_reference),
                    ..self.clone()
                };
                Ok(Some(Change { payment, posting: Some(posting), event: Some(Event::Captured) }))
            }
            _ => Err(self.refuse("nobody asked for its capture")),
        }
    }

    /// The provider is about to be asked to let go.
    ///
    /// # Errors
    /// FAILED_PRECONDITION when the money was taken, or is being taken.
    pub fn voiding(&self) -> Decision {
        match (self.state, self.intent) {
            (PaymentState::Captured, _) => Err(self.refuse("it was captured; refund it")),
            (_, Intent::Capture) => Err(self.refuse("it is being captured; refund it then")),
            (PaymentState::Voided | PaymentState::Failed, _) | (_, Intent::Void) => Ok(None),
            (_, Intent::Nothing) => Ok(Some(self.with_intent(Intent::Void))),
        }
    }

    /// The provider has let go.
    ///
    /// # Errors
    /// FAILED_PRECONDITION when it was not asked to.
    pub fn voided(&self) -> Decision {
        match (self.state, self.intent) {
            // A refusal that arrived meanwhile leaves nothing to let go.
            (PaymentState::Failed, Intent::Capture | Intent::Void) => {
                Ok(Some(self.with_intent(Intent::Nothing)))
            }
            (PaymentState::Voided | PaymentState::Failed, _) => Ok(None),
            (_, Intent::Void) => {
                let payment =
                    Payment { state: PaymentState::Voided, intent: Intent::Nothing, ..self.clone() };
                Ok(Some(Change { payment, posting: None, event: Some(Event::Voided) }))
            }
            _ => Err(self.refuse("nobody asked for its void")),
        }
    }

    /// The provider refused what it was asked for.
    pub fn intent_refused(&self) -> Option<Change> {
        (self.intent != Intent::Nothing).then(|| self.with_intent(Intent::Nothing))
    }

    /// An amount is set aside before the provider is asked to give it back, so that parallel refunds never exceed
    /// what was taken.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for another currency or nothing at all, FAILED_PRECONDITION `LIMIT` for more than is left.
    pub fn refunding(&self, amount: Money) -> Result<Change> {
        if amount.minor <= 0 {
            return Err(Error::invalid("amount", "must be greater than zero"));
        }
        if amount.currency != self.amount.currency {
            let problem = format!("must be {}, the payment's currency", self.amount.currency);
            return Err(Error::invalid("amount.currency_code", problem));
        }
        if self.state != PaymentState::Captured {
            return Err(self.refuse("only a captured payment can be refunded"));
        }
        let left = self.captured.checked_sub(self.refunded)?.checked_sub(self.refunding)?;
        if amount.minor > left.minor {
            return Err(Error::precondition(
                "LIMIT",
                self.id.name(),
                format!("only {left} is left to refund"),
            ));
        }
        let refunding = self.refunding.checked_add(amount)?;
        Ok(Change { payment: Payment { refunding, ..self.clone() }, posting: None, event: None })
    }

    /// The provider has given `refund` back.
    ///
    /// # Errors
    /// Of arithmetic, when the rows are damaged.
    pub fn refunded(&self, refund: &Refund) -> Result<Change> {
        let amount = refund.amount;
        let refunding = self.refunding.checked_sub(amount)?;
        let refunded = self.refunded.checked_add(amount)?;
        let posting = ledger::refund(&self.provider, &refund.name(), amount)?;
        let event = Event::Refunded { refund: refund.name(), amount };
        let payment = Payment { refunding, refunded, ..self.clone() };
        Ok(Change { payment, posting: Some(posting), event: Some(event) })
    }

    /// The provider has refused `refund`: its amount is free for another.
    ///
    /// # Errors
    /// Of arithmetic, when the rows are damaged.
    pub fn refund_refused(&self, refund: &Refund) -> Result<Change> {
        let refunding = self.refunding.checked_sub(refund.amount)?;
        Ok(Change { payment: Payment { refunding, ..self.clone() }, posting: None, event: None })
    }

    /// FAILED_PRECONDITION, with the state.
    pub fn refuse(&self, problem: &str) -> Error {
        Error::precondition("STATE", self.id.name(), format!("{problem} (it is {})", self.state.as_str()))
    }

    fn with_intent(&self, intent: Intent) -> Change {
        Change { payment: Payment { intent, ..self.clone() }, posting: None, event: None }
    }
}

impl PaymentState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Authorizing => "AUTHORISING",
            Self::Unknown => "UNKNOWN",
            Self::Authorized => "AUTHORISED",
            Self::Captured => "CAPTURED",
            Self::Failed => "FAILED",
            Self::Voided => "VOIDED",
        }
    }
}

#[cfg(test)]
mod tests;
