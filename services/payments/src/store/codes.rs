//! Enumerations as the integers that rows hold. The kind of a ledger transaction is a text: it is signed.

use shopmesh_kit::coded;

use crate::domain::{
    payment::{Intent, PaymentState},
    refund::RefundState,
};

coded!(PaymentState { Authorizing = 1, Unknown = 2, Authorized = 3, Captured = 4, Failed = 5, Voided = 6 });

coded!(Intent { Nothing = 0, Capture = 1, Void = 2 });

coded!(RefundState { Pending = 1, Succeeded = 2, Failed = 3 });
