//! Ports of a shop besides those of its services, before `--port-offset`. The build refuses a service one of them.

/// The edge.
pub const EDGE: u16 = 8080;
/// The edge's admin interface.
pub const EDGE_ADMIN: u16 = 9901;
/// Metrics and health of a process that runs all services.
pub const PROCESS_ADMIN: u16 = 9100;
/// Metrics and health of a process that runs some are that far above the port of its first service, so that processes share
/// a machine.
pub const ADMIN_ABOVE: u16 = 100;
/// The greatest offset.
pub const MOST_OFFSET: u16 = 50_000;
