//! How the provider is asked: what it is asked for is committed before, and its answer after. Every call carries the
//! same key when it is repeated, so a crash anywhere is mended by repeating, by the caller or by [`recover`].

pub mod authorize;
pub mod capture;
pub mod record;
pub mod recover;
pub mod refund;
pub mod sync;
pub mod void;

use shopmesh_kit::error::{Error, Result};

use crate::{
    app::App,
    domain::payment::{Payment, Verdict},
    provider::{Answer, ProviderError},
    store::payments,
};

/// What a provider said; `None` when no answer came and it may have done what was asked.
fn heard(answer: Result<Answer, ProviderError>) -> Result<Option<Answer>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ProviderError::NoAnswer) => Ok(None),
        Err(error @ ProviderError::UnknownToken) => Err(Error::invalid("payment_token", error.to_string())),
        Err(error @ ProviderError::Unreachable(_)) => {
            tracing::warn!(%error, "the payment provider cannot be reached");
            Err(Error::unavailable("the payment provider cannot be reached; try again"))
        }
    }
}

/// What an answer about an authorisation means.
fn verdict(answer: Option<Answer>) -> Verdict {
    match answer {
        Some(Answer::Approved | Answer::Done) => Verdict::Authorised,
        Some(Answer::Declined(code)) => Verdict::Refused(code),
        Some(Answer::Pending | Answer::Unheard) | None => Verdict::Unknown,
    }
}

/// The payment of a checkout, or NOT_FOUND.
async fn of_checkout(app: &App, checkout: &str) -> Result<Payment> {
    let found = payments::of_checkout(&app.db, checkout).await?;
    found.ok_or_else(|| Error::not_found(&format!("the payment of {checkout}")))
}

fn no_answer() -> Error {
    Error::unavailable("the payment provider did not answer; try again")
}
