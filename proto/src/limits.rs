//! How large the headers of a request may be, on its whole way: what the edge takes must still fit the service when the
//! edge has added its own, or the refusal comes where many callers share a connection.

/// What HTTP/2 counts for a header field beside its name and value, bytes (RFC 9113, 6.5.2).
pub const FIELD_OVERHEAD: u32 = 32;
/// All headers of a request that a service takes, bytes as HTTP/2 counts them.
pub const SERVICE_HEADER_BYTES: u32 = 64 * 1024;
/// Header fields of a request that the edge takes; Envoy's default.
pub const EDGE_HEADER_FIELDS: u32 = 100;
/// All headers of a request that the edge takes, KiB. Envoy counts names and values only.
pub const EDGE_HEADER_KIB: u32 =
    (SERVICE_HEADER_BYTES - ADDED_BYTES - (EDGE_HEADER_FIELDS + ADDED_FIELDS) * FIELD_OVERHEAD) / 1024;

/// Fields that edges add: the pseudo-headers, client address, request id, trace, time limit, original path and method,
/// gRPC's own, and what operators may add.
const ADDED_FIELDS: u32 = 28;
/// Their names and values, bytes; the largest is the payload of a token, should `jwt_authn` be told to pass it on.
const ADDED_BYTES: u32 = 12 * 1024;
