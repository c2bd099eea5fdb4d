//! What others are told.

use shopmesh_kit::money::Money;
use shopmesh_proto::payments::v1 as pb;

use crate::domain::payment::Payment;

/// An amount is held.
pub fn payment_authorized(of: &Payment) -> pb::PaymentAuthorised {
    let (payment, checkout, owner) = names(of);
    pb::PaymentAuthorised { payment, checkout, owner, amount: Some(of.amount.to_proto()) }
}

/// A payment was refused.
pub fn payment_failed(of: &Payment) -> pb::PaymentFailed {
    let (payment, checkout, owner) = names(of);
    pb::PaymentFailed { payment, checkout, owner, failure_code: of.failure_code.clone() }
}

/// An amount was taken.
pub fn payment_captured(of: &Payment) -> pb::PaymentCaptured {
    let (payment, checkout, owner) = names(of);
    pb::PaymentCaptured { payment, checkout, owner, amount: Some(of.captured.to_proto()) }
}

/// An authorization was let go.
pub fn payment_voided(of: &Payment) -> pb::PaymentVoided {
    let (payment, checkout, owner) = names(of);
    pb::PaymentVoided { payment, checkout, owner }
}

/// Money was given back as `refund`.
pub fn payment_refunded(of: &Payment, refund: &str, amount: Money) -> pb::PaymentRefunded {
    let (payment, _, owner) = names(of);
    pb::PaymentRefunded { payment, refund: refund.to_owned(), owner, amount: Some(amount.to_proto()) }
}

fn names(of: &Payment) -> (String, String, String) {
    (of.id.name(), of.checkout.clone(), of.owner.clone())
}
