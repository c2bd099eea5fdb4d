//! What this service tells others, and what it hears from them.

mod on_payment_refunded;
pub mod published;

use std::sync::Arc;

use shopmesh_kit::events::EventHandler;

/// All consumers.
pub fn handlers() -> Vec<Arc<dyn EventHandler>> {
    vec![Arc::new(on_payment_refunded::OnPaymentRefunded)]
}
