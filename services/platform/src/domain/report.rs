//! How a service is, and how all of them are.

use std::time::Duration;

/// What a service says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing: it cannot be reached.
    #[default]
    Unknown,
    /// It comes up.
    Starting,
    /// It answers.
    Serving,
    /// It goes down.
    Draining,
    /// It answers, and something is wrong.
    Degraded,
}

/// How a service is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Its name.
    pub service: String,
    /// Of its build.
    pub version: String,
    /// What it says of itself.
    pub state: State,
    /// How long it took to say it.
    pub latency: Duration,
    /// Since it started.
    pub uptime: Option<Duration>,
    /// What is wrong, for operators.
    pub problem: String,
}

/// Whether every service serves.
pub fn is_operational(reports: &[Report]) -> bool {
    reports.iter().all(|report| report.state == State::Serving)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_service_that_does_not_serve_degrades_the_system() {
        let report = |state| Report { state, ..Report::default() };
        assert!(is_operational(&[report(State::Serving), report(State::Serving)]));
        for state in [State::Unknown, State::Starting, State::Draining, State::Degraded] {
            assert!(!is_operational(&[report(State::Serving), report(state)]), "{state:?}");
        }
    }
}
