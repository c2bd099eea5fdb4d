//! GetSystemStatus: asks every service for its state, all at once.

use std::time::Duration;

use futures_util::future::join_all;
use shopmesh_kit::error::Result;
use shopmesh_mesh::{ServiceName, server::Call};
use shopmesh_proto::platform::v1 as pb;

use crate::{
    app::App,
    domain::report::{Report, State},
    peers, translate,
};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The state of the whole deployment.
pub async fn answer(app: &App, _: &Call, _: pb::GetSystemStatusRequest) -> Result<pb::SystemStatus> {
    let others = ServiceName::ALL.into_iter().filter(|service| *service != ServiceName::Platform);
    let mut reports = join_all(others.map(|service| peers::status::report(&app.mesh, service))).await;
    // This service serves, or nobody would be answering.
    reports.push(Report {
        service: ServiceName::Platform.to_string(),
        version: VERSION.to_owned(),
        state: State::Serving,
        latency: Duration::ZERO,
        uptime: Some(app.started.elapsed()),
        problem: String::new(),
    });
    reports.sort_by(|one, other| one.service.cmp(&other.service));
    Ok(translate::rpc::system_status(&reports, VERSION))
}
