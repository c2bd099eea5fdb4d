//! What services say of themselves.

use shopmesh_proto::mesh::v1 as pb;

use crate::domain::report::{Report, State};

/// The report of a service; its name and latency are the caller's to know.
pub fn report(status: pb::ServiceStatus) -> Report {
    let state = match status.state() {
        pb::ServingState::Unspecified => State::Unknown,
        pb::ServingState::Starting => State::Starting,
        pb::ServingState::Serving => State::Serving,
        pb::ServingState::Draining => State::Draining,
        pb::ServingState::Degraded => State::Degraded,
    };
    Report {
        state,
        version: status.version,
        uptime: status.uptime.and_then(|uptime| uptime.try_into().ok()),
        problem: status.problem,
        ..Report::default()
    }
}
