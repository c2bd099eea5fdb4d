//! Ports of a shop besides those of its services, before `--port-offset`.

/// The edge.
pub const EDGE: u16 = 8080;
/// The edge's admin interface.
pub const EDGE_ADMIN: u16 = 9901;
/// The process's own metrics and health.
pub const PROCESS_ADMIN: u16 = 9100;
