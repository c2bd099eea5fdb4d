//! Rows to proto.

use crate::store::{ledger::Transaction, payments, refunds};
use shopmesh_kit::money::{Currency, Money};
use shopmesh_proto::payments::v1 as pb;

pub fn payment(payment: payments::Payment) -> pb::Payment {
    pb::Payment {
        name: payment.id.name(),
        checkout: payment.checkout,
        owner: payment.owner,
        state: payment.state as i32,
        amount: Some(payment.amount.to_proto()),
        captured: Some(payment.captured.to_proto()),
        refunded: Some(payment.refunded.to_proto()),
        provider: payment.provider,
        failure_code: payment.failure_code,
        create_time: Some(payment.created.to_proto()),
        update_time: Some(payment.updated.to_proto()),
    }
}

pub fn refund(refund: refunds::Refund, currency: Currency) -> pb::Refund {
    pb::Refund {
        name: refund.name(),
        state: refund.state as i32,
        amount: Some(Money::new(refund.minor, currency).to_proto()),
        reason: refund.reason,
        create_time: Some(refund.created.to_proto()),
    }
}

pub fn transaction(transaction: Transaction) -> pb::LedgerTransaction {
    let entries = transaction.entries.into_iter();
    pb::LedgerTransaction {
        name: transaction.id,
        subject: transaction.subject,
        kind: transaction.kind,
        entries: entries
            .map(|entry| pb::LedgerEntry { account: entry.account, amount: Some(entry.amount.to_proto()) })
            .collect(),
        create_time: Some(transaction.created.to_proto()),
    }
}
