//! What differs between two answers: status, every header, body, every trailer.

use super::{
    deviations::DEVIATIONS,
    view::{Bodies, View},
};
use crate::support::http::{Answer, BrokenOff};
use std::collections::BTreeSet;

/// One request and what became of it.
#[derive(Debug)]
pub struct Case {
    pub scenario: String,
    /// HTTP statuses of Envoy and of ours, or how the answer broke off.
    pub status: [String; 2],
    /// What our edge tells the client about what is wrong; empty if nothing is.
    pub told: String,
    differences: Vec<Difference>,
}

/// One thing that differs.
#[derive(Debug)]
pub struct Difference {
    /// `status`, `body`, `header NAME`, `trailer NAME`, or what else was compared.
    pub aspect: String,
    /// Empty if Envoy has none.
    pub envoy: String,
    pub ours: String,
}

impl Case {
    /// Compares what Envoy and ours did about one request, be it to break off.
    pub fn new(scenario: &str, answers: &[Result<Answer, BrokenOff>; 2], bodies: &Bodies) -> Self {
        let [envoy, ours] = answers;
        let status = |answer: &Result<Answer, BrokenOff>| match answer {
            Ok(answer) => answer.status.as_str().to_owned(),
            Err(broken) => format!("broke off: {}", broken.0),
        };
        let mut case = Self {
            scenario: scenario.to_owned(),
            status: [status(envoy), status(ours)],
            told: String::new(),
            differences: Vec::new(),
        };
        let [of_envoy, of_ours] = case.status.clone();
        case.differ("status", of_envoy, of_ours);
        if let (Ok(envoy), Ok(ours)) = (envoy, ours) {
            case.compare([View::of(envoy, bodies), View::of(ours, bodies)]);
        }
        case
    }

    fn compare(&mut self, [envoy, ours]: [View; 2]) {
        self.differ("body", envoy.body.to_string(), ours.body.to_string());
        let told = |named: &[(String, String)], name: &str| {
            named.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let names = envoy.named.iter().chain(&ours.named).map(|(name, _)| name);
        for name in names.collect::<BTreeSet<_>>() {
            self.differ(name, told(&envoy.named, name), told(&ours.named, name));
        }
        self.told = ours.problem;
    }

    /// Whether nothing differs.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    /// Compares anything else.
    pub fn differ(&mut self, aspect: &str, envoy: String, ours: String) {
        if envoy != ours {
            self.differences.push(Difference { aspect: aspect.to_owned(), envoy, ours });
        }
    }

    /// The differences that are on the list, or those that are not.
    fn which(&self, listed: bool) -> impl Iterator<Item = &Difference> {
        let is_listed =
            |difference: &Difference| DEVIATIONS.iter().any(|deviation| (deviation.is)(self, difference));
        self.differences.iter().filter(move |difference| is_listed(difference) == listed)
    }
}

/// Every case.
#[derive(Default)]
pub struct Comparison(Vec<Case>);

impl Comparison {
    pub fn add(&mut self, case: Case) {
        self.0.push(case);
    }

    /// Fails for a difference that is not listed.
    pub fn all_listed(&self) {
        let mut unlisted = Vec::new();
        for case in &self.0 {
            for Difference { aspect, envoy, ours } in case.which(false) {
                unlisted.push(format!("{}: {aspect}\n    Envoy: {envoy}\n    ours:  {ours}", case.scenario));
            }
        }
        assert!(unlisted.is_empty(), "{} unlisted differences\n{}", unlisted.len(), unlisted.join("\n"));
    }

    /// Fails for a listed difference that did not occur.
    pub fn all_occur(&self) {
        for deviation in DEVIATIONS {
            let mut cases = self.0.iter();
            let occurs = cases.any(|case| case.differences.iter().any(|found| (deviation.is)(case, found)));
            assert!(occurs, "no longer differs, take it off the list: {}", deviation.what);
        }
    }

    /// How many cases there are, and with which HTTP statuses of Envoy.
    pub fn extent(&self) -> (usize, BTreeSet<&str>) {
        (self.0.len(), self.0.iter().map(|case| &*case.status[0]).collect())
    }
}
