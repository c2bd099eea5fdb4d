//! The hash chain of a subject's events: each hash covers the event and the hash before it, so that a changed, removed
//! or reordered row shows.

use ring::digest::{Context, SHA256};

use crate::db::tables::events::EventRow;

/// The hash before the first event.
pub(super) const GENESIS: [u8; 32] = [0; 32];

/// SHA-256 over the hash before an event and every field, each text led by its length so that no two events read alike.
pub(super) fn hash(event: &EventRow) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(&event.prev_hash);
    context.update(&event.sequence.to_be_bytes());
    context.update(&event.at.0.to_be_bytes());
    let texts =
        [&event.id, &event.source, &event.subject, &event.traceparent, &event.causation_id, &event.type_url];
    for field in texts.map(String::as_bytes).into_iter().chain([event.data.as_slice()]) {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field);
    }
    context.finish().as_ref().to_vec()
}
