//! What a peer may ask of a connection. Library defaults are not relied on: tonic and hyper leave many of these open.

use std::time::Duration;

/// Connections of one listener, as far as descriptors go.
pub const MAX_CONNECTIONS: usize = 10_000;
/// Connections from one address.
pub const MAX_CONNECTIONS_PER_PEER: usize = 256;
/// Connections from one address that have not yet said who they are.
pub const MAX_SILENT_PER_PEER: usize = 64;
/// TLS handshakes at once: they cost far more than connections that are open.
pub const MAX_HANDSHAKES: usize = 256;
/// A TLS handshake, from the accepted connection on.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// From the handshake to the first request's headers.
pub const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Until a connection of HTTP/1.1 without requests gives back the memory that it needs for them.
pub const HTTP1_BUFFER_TIMEOUT: Duration = Duration::from_millis(250);
/// A connection without requests.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// Age at which a connection is asked to end, give or take a tenth (gRPC proposal A9).
pub const MAX_AGE: Duration = Duration::from_secs(30 * 60);
/// Time that running requests have after that.
pub const AGE_GRACE: Duration = Duration::from_secs(30);

/// Time that the end of a connection has to leave, once the client is told that it sends too much; as Envoy's `delayed_close_timeout`.
pub const DELAYED_CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// HTTP/2 requests at once on one connection.
pub const MAX_STREAMS: u32 = 128;
/// What HTTP/2 counts for a header field beside its name and value, bytes (RFC 9113, 6.5.2).
pub const FIELD_OVERHEAD: u32 = 32;
/// All headers of a message, bytes as HTTP/2 counts them; what the contracts promise of services.
pub const MAX_HEADER_BYTES: u32 = 64 * 1024;
/// What the `h2` crate is told to take of them. A list above it, in pieces that it does not expect, ends the connection and all
/// calls on it; so this is several times what any edge takes, and what is above `MAX_HEADER_BYTES` is answered on its stream.
pub const MAX_HEADER_LIST: u32 = 1024 * 1024;
/// The most that an edge takes, however it is configured.
pub const MAX_EDGE_HEADER_LIST: u32 = MAX_HEADER_LIST / 4;
/// Streams reset by the peer before they were accepted (CVE-2023-44487).
pub const MAX_PENDING_RESETS: usize = 20;
/// The same where the peer is a workload of ours: it passes on what many callers do, and they may all go away at once.
pub const MAX_SHARED_PENDING_RESETS: usize = 10_000;
/// Streams reset because of the peer's errors (CVE-2025-8671).
pub const MAX_LOCAL_RESETS: usize = 1024;
/// Streams that a client has given up and still knows when the server answers them.
pub const MAX_KNOWN_RESETS: usize = 1024;
/// Flow-control window of a stream at a server.
pub const SERVER_STREAM_WINDOW: u32 = 1024 * 1024;
/// Flow-control window of a connection at a server; h2 bounds tiny frames by half of it.
pub const SERVER_CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;
/// The same where the connection is shared by many callers.
pub const SHARED_CONNECTION_WINDOW: u32 = 32 * 1024 * 1024;
/// Bytes of one answer that a server gives to a connection before they are sent.
pub const SEND_BUFFER: usize = 400 * 1024;
/// Flow-control window of a stream at a client.
pub const CLIENT_STREAM_WINDOW: u32 = 2 * 1024 * 1024;
/// Flow-control window of a connection at a client; h2 bounds tiny frames by half of it.
pub const CLIENT_CONNECTION_WINDOW: u32 = 8 * 1024 * 1024;
/// Time between pings.
pub const PING_INTERVAL: Duration = Duration::from_secs(30);
/// Time to answer a ping.
pub const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Opening a connection, TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
