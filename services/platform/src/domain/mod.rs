//! What the reports of the services add up to.

use shopmesh_proto::{
    mesh::v1::ServingState,
    platform::v1::{ServiceReport, SystemState},
};

/// Operational when every service serves.
pub fn overall(reports: &[ServiceReport]) -> SystemState {
    let serving = reports.iter().all(|report| report.state() == ServingState::Serving);
    if serving { SystemState::Operational } else { SystemState::Degraded }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(state: ServingState) -> ServiceReport {
        ServiceReport { state: state.into(), ..ServiceReport::default() }
    }

    #[test]
    fn one_service_that_does_not_serve_degrades_the_system() {
        let serving = report(ServingState::Serving);
        assert_eq!(overall(&[serving.clone(), serving.clone()]), SystemState::Operational);
        for state in [
            ServingState::Unspecified,
            ServingState::Starting,
            ServingState::Draining,
            ServingState::Degraded,
        ] {
            assert_eq!(overall(&[serving.clone(), report(state)]), SystemState::Degraded);
        }
    }
}
