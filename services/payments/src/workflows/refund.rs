//! Giving money back. The amount is set aside with the PENDING row, so that parallel refunds never exceed what was
//! captured; then the provider is asked, with the refund's id as key.

use super::heard;
use crate::{
    App,
    domain::ledger as books,
    provider::Answer,
    store::{
        ledger,
        mac::LedgerKey,
        payments::{self, Payment},
        refunds::{self, Refund, State},
    },
};
use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::{self, Cause},
    money::Money,
};
use shopmesh_proto::payments::v1::PaymentRefunded;

struct Ending {
    payment: Payment,
    refund: Refund,
    state: State,
    key: LedgerKey,
    cause: Cause,
}

/// Asks the provider for a pending refund and writes down its answer. Without an answer it stays pending.
pub async fn finish(app: &App, payment: Payment, refund: Refund, cause: Cause) -> Result<Refund> {
    if refund.state != State::Pending {
        return Ok(refund);
    }
    let amount = Money::new(refund.minor, payment.amount.currency);
    let state = match heard(app.provider.refund(&payment.checkout, refund.id.as_str(), amount).await)? {
        Some(Answer::Done) => State::Succeeded,
        Some(Answer::Declined(_) | Answer::Unheard) => State::Failed,
        Some(Answer::Approved | Answer::Pending) | None => return Ok(refund),
    };
    let ending = Ending { payment, refund, state, key: app.ledger_key.clone(), cause };
    app.db.write(ending, |tx, ending| Box::pin(record(tx, ending))).await
}

/// State, ledger and event in one transaction.
async fn record(tx: &mut Tx, ending: &Ending) -> Result<Refund> {
    let Ending { payment, refund, state, key, cause } = ending;
    let (name, amount) = (payment.id.name(), Money::new(refund.minor, payment.amount.currency));
    if refunds::finish(tx, &refund.id, *state).await? {
        if *state == State::Succeeded {
            ledger::post(tx, key, books::refund(&payment.provider, &refund.name(), amount)?, cause.at)
                .await?;
            let event = PaymentRefunded {
                payment: name.clone(),
                refund: refund.name(),
                owner: payment.owner.clone(),
                amount: Some(amount.to_proto()),
            };
            events::append(tx, cause, &name, &event).await?;
        } else {
            payments::return_refund(tx, &name, amount, cause.at).await?;
        }
    }
    refunds::get(tx, &refund.id).await?.ok_or_else(|| Error::not_found(&refund.name()))
}
