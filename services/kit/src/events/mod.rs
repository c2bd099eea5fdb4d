//! Published facts: an append-only log per service that is both truth and outbox, and their delivery to consumers.
//!
//! A service appends events in the transaction that changes its state. A [`Relay`] per producer and consumer reads the
//! producer's log in commit order (in process, or over the mesh) and fills the consumer's [`Inbox`] in one transaction with
//! the position it reached. The inbox hands each event to its handlers, each in the transaction that marks it done. So
//! delivery is at least once, and the effect of a handler exactly once.

mod chain;
mod inbox;
mod local_logs;
mod log;
mod processor;
mod relay;
mod service;
mod stream;

pub use inbox::{EventHandler, Inbox};
pub use local_logs::LocalLogs;
pub use log::{EventSource, LocalLog, RemoteLog};
pub use processor::Processor;
pub use relay::Relay;
pub use service::EventLogApi;
pub use shopmesh_proto::events::v1::Envelope;
pub use stream::{append, append_expecting, history_of, read_after, stream_of, verify_chain};

use prost::{Message, Name};
use shopmesh_mesh::{server::Call, telemetry::trace};

use crate::{
    clock::{Clock, Timestamp},
    error::Error,
};

const TYPE_URL_PREFIX: &str = "type.googleapis.com/";

/// Why an event is appended, and when.
#[derive(Clone, Debug)]
pub struct Cause {
    /// W3C trace context.
    pub traceparent: String,
    /// Id of the event, or of the trace of the request, that caused it.
    pub causation_id: String,
    /// When it happened.
    pub at: Timestamp,
}

impl Cause {
    /// A call.
    pub fn of(call: &Call, clock: &dyn Clock) -> Self {
        Self {
            traceparent: call.traceparent.clone(),
            causation_id: trace::trace_id(&call.traceparent).to_owned(),
            at: clock.now(),
        }
    }

    /// An event that was consumed.
    pub fn of_event(event: &Envelope, at: Timestamp) -> Self {
        Self { traceparent: event.traceparent.clone(), causation_id: event.id.clone(), at }
    }

    /// Something durable that runs by itself, such as a saga or a timer, named by `causation_id`.
    pub fn background(causation_id: impl Into<String>, at: Timestamp) -> Self {
        Self { traceparent: trace::root(), causation_id: causation_id.into(), at }
    }
}

/// The full name of the event's message, such as `shopmesh.orders.v1.OrderPlaced`.
pub fn type_name(event: &Envelope) -> &str {
    let url = event.data.as_ref().map_or("", |data| data.type_url.as_str());
    url.strip_prefix(TYPE_URL_PREFIX).unwrap_or(url)
}

/// The event's message if it is an `M`; `None` if it is another one.
///
/// # Errors
/// INTERNAL when its bytes cannot be read.
pub fn decode<M: Message + Name + Default>(event: &Envelope) -> Result<Option<M>, Error> {
    match &event.data {
        Some(data) if type_name(event) == M::full_name() => {
            M::decode(data.value.as_slice()).map(Some).map_err(Error::internal)
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
