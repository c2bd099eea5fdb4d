//! Enumerations as the integers that rows hold.

use shopmesh_kit::coded;

use crate::domain::{
    cart::CartState,
    checkout::CheckoutState,
    operation::{OperationKind, OperationState},
    order::{FulfillmentState, OrderState, PaymentState},
};

coded!(CartState { Active = 1, CheckingOut = 2, Converted = 3 });
coded!(CheckoutState { Pending = 1, OutcomeUnknown = 2, Compensating = 3, Placed = 4, Failed = 5 });
coded!(OrderState { Placed = 1, Closed = 2, Cancelled = 3 });
coded!(PaymentState { Authorized = 1, Paid = 2, Voided = 3 });
coded!(FulfillmentState { Unfulfilled = 1, Shipped = 2, Delivered = 3 });
coded!(OperationKind { Cancel = 1, Ship = 2 });
coded!(OperationState { Running = 1, Done = 2, Failed = 3 });
