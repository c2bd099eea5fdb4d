//! Requests and replies.

use shopmesh_kit::{
    error::{Error, Result},
    money::{Currency, Money},
};
use shopmesh_proto::{google, payments::v1 as pb};

use crate::domain::{
    ledger::{PostedEntry, PostedTransaction},
    payment::{Payment, PaymentState},
    refund::{Refund, RefundState},
    trial_balance::TrialBalance,
};

/// An amount that is asked for in the field `amount`.
///
/// # Errors
/// INVALID_ARGUMENT when it is missing, or no amount of a currency.
pub fn amount(given: Option<google::r#type::Money>) -> Result<Money> {
    let given = given.ok_or_else(|| Error::invalid("amount", "is missing"))?;
    Money::from_proto("amount", &given)
}

pub fn payment(payment: &Payment) -> pb::Payment {
    let state = match payment.state {
        PaymentState::Authorizing => pb::PaymentState::Authorising,
        PaymentState::Unknown => pb::PaymentState::Unknown,
        PaymentState::Authorized => pb::PaymentState::Authorised,
        PaymentState::Captured => pb::PaymentState::Captured,
        PaymentState::Failed => pb::PaymentState::Failed,
        PaymentState::Voided => pb::PaymentState::Voided,
    };
    // A tombstone has none.
    let money = |amount: Money| (amount.currency != Currency::NONE).then(|| amount.to_proto());
    pb::Payment {
        name: payment.id.name(),
        checkout: payment.checkout.clone(),
        owner: payment.owner.clone(),
        state: state.into(),
        amount: money(payment.amount),
        captured: money(payment.captured),
        refunded: money(payment.refunded),
        provider: payment.provider.clone(),
        failure_code: payment.failure_code.clone(),
        create_time: Some(payment.created.to_proto()),
        update_time: Some(payment.updated.to_proto()),
    }
}

pub fn refund(refund: &Refund) -> pb::Refund {
    let state = match refund.state {
        RefundState::Pending => pb::RefundState::Pending,
        RefundState::Succeeded => pb::RefundState::Succeeded,
        RefundState::Failed => pb::RefundState::Failed,
    };
    pb::Refund {
        name: refund.name(),
        state: state.into(),
        amount: Some(refund.amount.to_proto()),
        reason: refund.reason.clone(),
        create_time: Some(refund.created.to_proto()),
    }
}

/// INTERNAL when a row was altered to a currency that does not exist.
pub fn transaction(posted: &PostedTransaction) -> Result<pb::LedgerTransaction> {
    Ok(pb::LedgerTransaction {
        name: posted.id.clone(),
        subject: posted.subject.clone(),
        kind: posted.kind.clone(),
        entries: posted.entries.iter().map(entry).collect::<Result<_>>()?,
        create_time: Some(posted.created.to_proto()),
    })
}

fn entry(posted: &PostedEntry) -> Result<pb::LedgerEntry> {
    let currency = Currency::parse(&posted.currency).map_err(Error::internal)?;
    let amount = Some(Money::new(posted.minor, currency).to_proto());
    Ok(pb::LedgerEntry { account: posted.account.clone(), amount })
}

pub fn trial_balance(found: TrialBalance) -> pb::TrialBalanceResponse {
    let balance = |(account, currency, minor)| pb::AccountBalance {
        account,
        balance: Money::sum_to_proto(minor, currency),
    };
    pb::TrialBalanceResponse {
        balanced: found.problems.is_empty(),
        accounts: found.accounts.into_iter().map(balance).collect(),
        problems: found.problems,
        checked: found.checked,
    }
}
