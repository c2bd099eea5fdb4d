//! Real Envoy with the YAML that we render, and our edge beside it: what both answer to the same requests. Where they differ, the
//! difference is in one list, and the list is no longer than it must be.

mod certificates;
mod compare;
mod configurations;
mod deviations;
mod every_rpc;
mod fuzz;
mod kinds;
mod pair;
mod purchase;
mod rate_limit;
mod rest;
mod scenarios;
mod view;

use std::{fs, path::Path};

use crate::{contract::world::World, support::Shop};
use compare::Comparison;
use configurations::config_cases;
use deviations::DEVIATIONS;
use pair::Pair;

#[tokio::test]
async fn our_edge_answers_as_envoy_does() {
    let world = World::of(Shop::behind_envoy(&["--rate-limit", "off"]));
    let pair = Pair::beside(&world.shop);
    let mut comparison = Comparison::default();
    every_rpc::compare(&pair, &world, &mut comparison).await;
    scenarios::compare(&pair, &world, &mut comparison).await;
    rate_limit::compare(&mut comparison).await;
    fuzz::compare(&mut comparison).await;
    comparison.all_listed();
    comparison.all_occur();
    let (cases, statuses) = comparison.extent();
    assert!(cases > 2000 && statuses.len() >= 10, "{cases} cases with {statuses:?}");
}

#[test]
fn the_edge_documents_its_deviations() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("edge/README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let listed_after = |heading: &str| -> Vec<String> {
        let (_, list) = readme.split_once(heading).expect("the list is there");
        let (list, _) = list.trim_start().split_once("\n\n").unwrap();
        let entries = list.split("\n- ").map(|entry| entry.trim_start_matches("- ").split_whitespace());
        entries.map(|words| words.collect::<Vec<_>>().join(" ")).collect()
    };
    let of_answers: Vec<_> = DEVIATIONS.iter().map(|deviation| deviation.what).collect();
    assert_eq!(listed_after("no longer occurs:"), of_answers);
    assert_eq!(
        listed_after("of bootstraps, and one of these that no longer does:"),
        config_cases::DEVIATIONS
    );
}
