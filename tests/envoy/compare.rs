//! What differs between two answers: status, every header, body, every trailer.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    deviations::{Claim, DEVIATIONS, Deviation},
    view::{Bodies, View},
};
use crate::support::http::{Answer, BrokenOff};

/// One request and what became of it.
#[derive(Debug)]
pub struct Case {
    pub scenario: String,
    /// HTTP statuses of Envoy and of ours, or how the answer broke off.
    pub status: [String; 2],
    /// What our edge tells the client about what is wrong; empty if nothing is.
    pub problem: String,
    /// Whether Envoy's answer has details of an error: a service made it, not Envoy.
    pub is_of_service: bool,
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
            problem: String::new(),
            is_of_service: false,
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
        self.is_of_service = envoy.named.iter().any(|(name, _)| name.ends_with(" grpc-status-details-bin"));
        self.differ_by_name([envoy.named, ours.named]);
        self.problem = ours.problem;
    }

    /// Compares headers and the like, by name.
    pub fn differ_by_name(&mut self, [envoy, ours]: [Vec<(String, String)>; 2]) {
        let [envoy, ours] = [envoy, ours].map(BTreeMap::from_iter);
        let told = |named: &BTreeMap<String, String>, name| named.get(name).cloned().unwrap_or_default();
        for name in envoy.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
            self.differ(name, told(&envoy, name), told(&ours, name));
        }
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

    /// The differences that are not on the list.
    fn unlisted(&self) -> impl Iterator<Item = &Difference> {
        let is_listed = |found: &Difference| DEVIATIONS.iter().any(|listed| listed.covers(self, found));
        self.differences.iter().filter(move |found| !is_listed(found))
    }

    /// Whether one of the differences is this claim of the list, and no other entry covers it.
    fn shows(&self, deviation: &Deviation, claim: Claim) -> bool {
        let others = || DEVIATIONS.iter().filter(|other| other.what != deviation.what);
        let is_only_this =
            |found: &Difference| claim(self, found) && !others().any(|other| other.covers(self, found));
        self.differences.iter().any(is_only_this)
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
            for Difference { aspect, envoy, ours } in case.unlisted() {
                unlisted.push(format!("{}: {aspect}\n    Envoy: {envoy}\n    ours:  {ours}", case.scenario));
            }
        }
        assert!(unlisted.is_empty(), "{} unlisted differences\n{}", unlisted.len(), unlisted.join("\n"));
    }

    /// Fails for a claim of the list that no case shows.
    pub fn all_occur(&self) {
        for deviation in DEVIATIONS {
            for (at, claim) in (1..).zip(deviation.claims) {
                let occurs = self.0.iter().any(|case| case.shows(deviation, *claim));
                assert!(occurs, "no longer differs, take it off the list: claim {at} of: {}", deviation.what);
            }
        }
    }

    /// How many cases there are, and with which HTTP statuses of Envoy.
    pub fn extent(&self) -> (usize, BTreeSet<&str>) {
        (self.0.len(), self.0.iter().map(|case| &*case.status[0]).collect())
    }
}
