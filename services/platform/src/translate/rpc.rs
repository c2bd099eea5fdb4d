//! Replies.

use bytes::Bytes;
use shopmesh_proto::{google::api::HttpBody, mesh::v1::ServingState, platform::v1 as pb};
use tonic::{Response, metadata::MetadataValue};

use crate::domain::report::{Report, State, is_operational};

/// The state of the whole deployment.
pub fn system_status(reports: &[Report], version: &str) -> pb::SystemStatus {
    let state =
        if is_operational(reports) { pb::SystemState::Operational } else { pb::SystemState::Degraded };
    pb::SystemStatus {
        state: state.into(),
        version: version.to_owned(),
        services: reports.iter().map(service_report).collect(),
    }
}

fn service_report(report: &Report) -> pb::ServiceReport {
    let state = match report.state {
        State::Unknown => ServingState::Unspecified,
        State::Starting => ServingState::Starting,
        State::Serving => ServingState::Serving,
        State::Draining => ServingState::Draining,
        State::Degraded => ServingState::Degraded,
    };
    pb::ServiceReport {
        service: report.service.clone(),
        version: report.version.clone(),
        state: state.into(),
        latency: report.latency.try_into().ok(),
        uptime: report.uptime.and_then(|uptime| uptime.try_into().ok()),
        problem: report.problem.clone(),
    }
}

/// A body of whatever type.
pub fn body(content_type: &str, data: Bytes) -> HttpBody {
    HttpBody { content_type: content_type.to_owned(), data, extensions: Vec::new() }
}

/// An answer with how long it may be kept (RFC 9111), and the tag of its content.
pub fn cached<T>(message: T, cache_control: &'static str, etag: &str) -> Response<T> {
    let mut response = Response::new(message);
    let headers = response.metadata_mut();
    headers.insert("cache-control", MetadataValue::from_static(cache_control));
    if let Ok(etag) = etag.parse() {
        headers.insert("etag", etag);
    }
    response
}
