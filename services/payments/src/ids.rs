//! Ids of this service's resources.

use shopmesh_kit::typed_id;

typed_id!(
    /// A payment.
    pub PaymentId, "payments", "pay"
);
typed_id!(
    /// Entries that were posted together.
    pub TransactionId, "ledgerTransactions", "txn"
);
typed_id!(
    /// Money given back; its name stands below its payment's.
    pub RefundId, "refunds", "rfd"
);
