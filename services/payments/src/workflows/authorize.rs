//! Holding an amount. The AUTHORISING row is committed before the provider is asked, so that a crash in between is
//! found and settled by the next attempt, with the same key.

use ring::digest::{Context, SHA256};
use shopmesh_kit::{
    card_number,
    error::{Error, Result},
    events::Cause,
    money::Money,
};

use super::{heard, settle};
use crate::{
    app::App,
    domain::{
        answer::{Answer, Lookup},
        payment::Payment,
    },
    provider::Handle,
    usecases::payments,
};

/// What is asked for.
pub struct AuthorizationRequest {
    /// `checkouts/...`.
    pub checkout: String,
    /// `users/...`.
    pub owner: String,
    /// How much.
    pub amount: Money,
    /// Token of the provider. Never stored, never logged.
    pub token: String,
}

/// Holds the amount, or says what became of an earlier attempt.
pub async fn run(app: &App, request: AuthorizationRequest, cause: Cause) -> Result<Payment> {
    check(app, &request)?;
    let AuthorizationRequest { checkout, owner, amount, token } = request;
    let hash = token_hash(&checkout, &token);
    let asked = Payment::authorizing(&checkout, &owner, amount, app.provider.name(), hash, cause.at);
    let (payment, is_new) = app.db.write(asked, |tx, asked| Box::pin(payments::open(tx, asked))).await?;
    if !payment.is_open() {
        return Ok(payment);
    }
    // An older attempt may have reached the provider: ask before asking again.
    let known = if is_new {
        Answer { reference: String::new(), outcome: Lookup::Unheard }
    } else {
        heard(app.provider.lookup(Handle::charge(&payment)).await)?
    };
    let answer = match known.outcome {
        Lookup::Found(outcome) => Answer { reference: known.reference, outcome },
        Lookup::Unheard => heard(app.provider.authorize(&checkout, &token, amount).await)?,
    };
    settle(app, payment, answer, &cause).await
}

fn check(app: &App, request: &AuthorizationRequest) -> Result<()> {
    if request.amount.minor <= 0 {
        return Err(Error::invalid("amount", "must be greater than zero"));
    }
    if request.amount.minor > Money::LARGEST_CHARGE {
        let most = Money::new(Money::LARGEST_CHARGE, request.amount.currency);
        return Err(Error::invalid("amount", format!("must be at most {most}")));
    }
    if card_number::looks_like_one(&request.token) {
        let problem = "looks like a card number; send a token of the payment provider";
        return Err(Error::invalid("payment_token", problem));
    }
    if !app.provider.knows_token(&request.token) {
        return Err(Error::invalid("payment_token", "is not a token of the payment provider"));
    }
    Ok(())
}

/// With the checkout inside, so that equal tokens do not show as equal.
fn token_hash(checkout: &str, token: &str) -> Vec<u8> {
    let mut hash = Context::new(&SHA256);
    hash.update(checkout.as_bytes());
    hash.update(b"\0");
    hash.update(token.as_bytes());
    hash.finish().as_ref().to_vec()
}
