//! Who calls whom, from the contracts: a golden file, so that a new arrow is seen, and no way round in circles.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use super::{assert_golden, promises::rpcs};

/// Arrows from a peer to the service it calls. What every process serves (status, events) is beside the graph.
fn arrows() -> BTreeMap<&'static str, BTreeMap<&'static str, BTreeSet<&'static str>>> {
    let mut arrows: BTreeMap<_, BTreeMap<_, BTreeSet<_>>> = BTreeMap::new();
    for policy in rpcs().filter(|policy| !policy.domain.is_empty()) {
        for peer in &policy.peers {
            let services =
                arrows.entry(peer.as_str()).or_default().entry(policy.domain.as_str()).or_default();
            services.insert(policy.service.rsplit('.').next().unwrap());
        }
    }
    arrows
}

#[test]
fn the_service_graph_is_the_committed_one() {
    let mut text = String::new();
    for (peer, services) in arrows() {
        for (service, names) in services {
            let names: Vec<_> = names.into_iter().collect();
            writeln!(text, "{peer} -> {service}: {}", names.join(", ")).unwrap();
        }
    }
    assert_golden("graph.txt", &text);
}

#[test]
fn nobody_waits_for_one_who_waits_for_them() {
    let arrows = arrows();
    // A service is settled once all whom it calls are.
    let mut settled = BTreeSet::new();
    loop {
        let before = settled.len();
        for (peer, called) in &arrows {
            if called.keys().all(|service| settled.contains(service) || !arrows.contains_key(service)) {
                settled.insert(*peer);
            }
        }
        if settled.len() == before {
            break;
        }
    }
    let circle: Vec<_> = arrows.keys().filter(|peer| !settled.contains(*peer)).collect();
    assert!(circle.is_empty(), "these call one another in a circle: {circle:?}");
}
