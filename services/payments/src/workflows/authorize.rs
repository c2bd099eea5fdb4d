//! Holding an amount. The AUTHORISING row is committed before the provider is asked, so that a crash in between is
//! found and settled by the next attempt, with the same key.

use super::{heard, settled};
use crate::{
    App,
    domain::{card_number, payment::State},
    provider::Answer,
    store::payments::{self, Payment},
};
use ring::digest::{SHA256, digest};
use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
    money::Money,
};

/// What is asked for.
pub struct Wish {
    pub checkout: String,
    pub owner: String,
    pub amount: Money,
    pub token: String,
}

/// Holds the amount, or says what became of an earlier attempt.
pub async fn run(app: &App, wish: Wish, cause: Cause) -> Result<Payment> {
    if wish.amount.minor <= 0 {
        return Err(Error::invalid("amount", "must be greater than zero"));
    }
    if card_number::looks_like_one(&wish.token) {
        return Err(Error::invalid("payment_token", "must be a token of the provider, never a card number"));
    }
    if !app.provider.knows_token(&wish.token) {
        return Err(Error::invalid("payment_token", "is not a token of the payment provider"));
    }
    let token_hash = digest(&SHA256, wish.token.as_bytes()).as_ref().to_vec();
    let draft =
        Payment::new(&wish.checkout, &wish.owner, wish.amount, app.provider.name(), token_hash, cause.at);
    let (payment, is_new) = app.db.write(draft, |tx, draft| Box::pin(find_or_insert(tx, draft))).await?;
    if !payment.state.is_open() {
        return Ok(payment);
    }
    let known =
        if is_new { Some(Answer::Unheard) } else { heard(app.provider.lookup(&wish.checkout).await)? };
    let answer = match known {
        Some(Answer::Unheard) => {
            heard(app.provider.authorize(&wish.checkout, &wish.token, wish.amount).await)?
        }
        known => known,
    };
    settled(app, payment, answer, cause).await
}

async fn find_or_insert(tx: &mut Tx, draft: &Payment) -> Result<(Payment, bool)> {
    let Some(known) = payments::of_checkout(&mut *tx, &draft.checkout).await? else {
        payments::insert(tx, draft).await?;
        return Ok((draft.clone(), true));
    };
    if known.state == State::Voided {
        return Err(Error::precondition(
            "STATE",
            known.id.name(),
            "the payment was voided: start another checkout",
        ));
    }
    let same =
        known.amount == draft.amount && known.token_hash == draft.token_hash && known.owner == draft.owner;
    if !same {
        return Err(Error::invalid("checkout", "has a payment with another owner, amount or token"));
    }
    Ok((known, false))
}
