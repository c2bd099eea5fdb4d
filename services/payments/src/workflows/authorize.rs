//! Holding an amount. The AUTHORISING row is committed before the provider is asked, so that a crash in between is
//! found and settled by the next attempt, with the same key.

use ring::digest::{Context, SHA256};
use shopmesh_kit::{
    card_number,
    db::Tx,
    error::{Error, Result},
    events::Cause,
    money::Money,
};

use super::{heard, record, verdict};
use crate::{app::App, domain::payment::Payment, provider::Answer, store::payments};

/// What is asked for.
pub struct Wish {
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
pub async fn run(app: &App, wish: Wish, cause: Cause) -> Result<Payment> {
    check(app, &wish)?;
    let Wish { checkout, owner, amount, token } = wish;
    let hash = token_hash(&checkout, &token);
    let asked = Payment::authorising(&checkout, &owner, amount, app.provider.name(), hash, cause.at);
    let (payment, is_new) = app.db.write(asked, |tx, asked| Box::pin(find_or_insert(tx, asked))).await?;
    if !payment.is_open() {
        return Ok(payment);
    }
    // An older attempt may have reached the provider: ask before asking again.
    let known = if is_new { Some(Answer::Unheard) } else { heard(app.provider.lookup(&checkout).await)? };
    let answer = match known {
        Some(Answer::Unheard) => heard(app.provider.authorize(&checkout, &token, amount).await)?,
        known => known,
    };
    let verdict = verdict(answer);
    record::decide(app, &payment.id, &cause, move |payment| Ok(payment.settled(&verdict))).await
}

fn check(app: &App, wish: &Wish) -> Result<()> {
    if wish.amount.minor <= 0 {
        return Err(Error::invalid("amount", "must be greater than zero"));
    }
    if wish.amount.minor > Money::LARGEST_CHARGE {
        let most = Money::new(Money::LARGEST_CHARGE, wish.amount.currency);
        return Err(Error::invalid("amount", format!("must be at most {most}")));
    }
    if card_number::looks_like_one(&wish.token) {
        let problem = "looks like a card number; send a token of the payment provider";
        return Err(Error::invalid("payment_token", problem));
    }
    if !app.provider.knows_token(&wish.token) {
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

async fn find_or_insert(tx: &mut Tx, asked: &Payment) -> Result<(Payment, bool)> {
    if let Some(known) = payments::of_checkout(&mut *tx, &asked.checkout).await? {
        known.check_repeat(asked)?;
        return Ok((known, false));
    }
    payments::insert(tx, asked).await?;
    Ok((asked.clone(), true))
}
