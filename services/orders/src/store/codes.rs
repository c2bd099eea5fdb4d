//! Enumerations as the integers that rows hold.

use shopmesh_kit::error::{Error, Result};

use crate::domain::{
    cart::CartState,
    checkout::CheckoutState,
    operation::OperationKind,
    order::{FulfillmentState, OrderState, PaymentState},
};

/// A closed set of values, each with the integer that stands for it in a row.
pub type Codes<T> = &'static [(i64, T)];

pub const CART_STATES: Codes<CartState> =
    &[(1, CartState::Active), (2, CartState::CheckingOut), (3, CartState::Converted)];

pub const CHECKOUT_STATES: Codes<CheckoutState> = &[
    (1, CheckoutState::Pending),
    (2, CheckoutState::OutcomeUnknown),
    (3, CheckoutState::Compensating),
    (4, CheckoutState::Placed),
    (5, CheckoutState::Failed),
];

pub const ORDER_STATES: Codes<OrderState> =
    &[(1, OrderState::Placed), (2, OrderState::Closed), (3, OrderState::Cancelled)];

pub const PAYMENT_STATES: Codes<PaymentState> =
    &[(1, PaymentState::Authorised), (2, PaymentState::Paid), (3, PaymentState::Voided)];

pub const FULFILLMENT_STATES: Codes<FulfillmentState> =
    &[(1, FulfillmentState::Unfulfilled), (2, FulfillmentState::Shipped), (3, FulfillmentState::Delivered)];

pub const OPERATION_KINDS: Codes<OperationKind> = &[(1, OperationKind::Cancel), (2, OperationKind::Ship)];

/// The integer of a value.
pub fn code<T: PartialEq + Copy>(codes: Codes<T>, value: T) -> i64 {
    codes
        .iter()
        .find(|(_, known)| *known == value)
        .map(|(code, _)| *code)
        .expect("a code table names every value")
}

/// The value of an integer; one that no table knows means a damaged row.
pub fn value<T: Copy>(codes: Codes<T>, code: i64) -> Result<T> {
    codes
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, value)| *value)
        .ok_or_else(|| Error::internal(UnknownCode(code)))
}

#[derive(Debug, thiserror::Error)]
#[error("a row holds the unknown code {0}")]
struct UnknownCode(i64);
