//! The hash chain of a subject's events: each hash covers the event and the hash before it, so that a changed, removed
//! or reordered row shows.

use ring::digest::{Context, SHA256};

/// The hash before the first event.
pub(super) const GENESIS: [u8; 32] = [0; 32];

/// What the hash covers beside the hash before it.
pub(super) struct Link<'a> {
    pub(super) id: &'a str,
    pub(super) source: &'a str,
    pub(super) subject: &'a str,
    pub(super) sequence: i64,
    pub(super) at: i64,
    pub(super) traceparent: &'a str,
    pub(super) causation_id: &'a str,
    pub(super) type_url: &'a str,
    pub(super) data: &'a [u8],
}

impl Link<'_> {
    /// SHA-256 over the hash before and every field, each text led by its length so that no two events read alike.
    pub(super) fn hash(&self, previous: &[u8]) -> Vec<u8> {
        let mut context = Context::new(&SHA256);
        context.update(previous);
        context.update(&self.sequence.to_be_bytes());
        context.update(&self.at.to_be_bytes());
        let texts = [self.id, self.source, self.subject, self.traceparent, self.causation_id, self.type_url]
            .map(str::as_bytes);
        for field in texts.into_iter().chain([self.data]) {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field);
        }
        context.finish().as_ref().to_vec()
    }
}
