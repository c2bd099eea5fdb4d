//! What a listener lets its clients do.

use super::{descriptors, lifetime::ConnectionTimeouts, limits};

/// Settings that differ between listeners.
#[derive(Debug, Clone, Copy)]
pub struct ListenerLimits {
    /// All headers of a request over HTTP/1.1, bytes.
    pub header_bytes: u32,
    /// All headers of a request over HTTP/2, bytes as it counts them.
    pub header_list: u32,
    /// Header fields of a request, HTTP/1.1.
    pub header_fields: usize,
    /// HTTP/2 requests at once on one connection.
    pub streams: u32,
    /// HTTP/2 requests at once that were taken back before they were looked at.
    pub pending_resets: usize,
    /// HTTP/2 requests over the life of a connection that are malformed.
    pub local_resets: Option<usize>,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_peer: usize,
    /// Connections from one address that have made no TLS handshake or, without TLS, no request.
    pub silent_per_peer: usize,
    /// Flow-control window of a stream, bytes.
    pub stream_window: u32,
    /// Flow-control window of a connection, bytes.
    pub connection_window: u32,
    /// How long connections may be silent.
    pub timeouts: ConnectionTimeouts,
    /// Which versions of HTTP are spoken.
    pub versions: Versions,
}

/// Versions of HTTP that a listener speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Versions {
    /// Whichever the client begins with.
    #[default]
    Both,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only.
    Http2,
}

/// Of a service's listener. Its peers are workloads, on whose connections the requests of many strangers share: what one of those
/// may bring about must not be the end of the others.
impl Default for ListenerLimits {
    fn default() -> Self {
        Self {
            header_bytes: limits::MAX_HEADER_BYTES,
            header_list: limits::MAX_HEADER_LIST,
            header_fields: 100,
            streams: limits::MAX_STREAMS,
            pending_resets: limits::MAX_SHARED_PENDING_RESETS,
            local_resets: None,
            connections: descriptors::connections(16),
            connections_per_peer: limits::MAX_CONNECTIONS_PER_PEER,
            silent_per_peer: limits::MAX_SILENT_PER_PEER,
            stream_window: limits::SERVER_STREAM_WINDOW,
            connection_window: limits::SHARED_CONNECTION_WINDOW,
            timeouts: ConnectionTimeouts::default(),
            versions: Versions::default(),
        }
    }
}
