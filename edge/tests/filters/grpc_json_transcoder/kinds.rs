//! Every kind of field at every place of a request, by a table of what real Envoy 1.40 does (kinds.txt).

use shopmesh_edge::Edge;

use super::{Config, MESSAGE, NAME, descriptors, filter};
use crate::support::{TestEdge, Upstream, post};

/// One line of the table.
#[derive(Debug)]
struct Row {
    line: &'static str,
    method: &'static str,
    target: &'static str,
    body: Option<&'static str>,
    /// The message that the service gets, or the status of a refusal.
    outcome: &'static str,
    /// The same where unknown parameters are ignored.
    ignoring: &'static str,
}

impl Row {
    fn read(line: &'static str) -> Self {
        let (request, outcomes) = line.split_once(" => ").unwrap();
        let (request, body) = request.split_once(" <- ").map_or((request, None), |(r, body)| (r, Some(body)));
        let (method, target) = request.split_once(' ').unwrap();
        let mut outcomes = outcomes.split(" | ");
        let envoy = outcomes.next().unwrap();
        let mut row = Self { line, method, target, body, outcome: envoy, ignoring: envoy };
        for outcome in outcomes {
            if let Some(ours) = outcome.strip_prefix("ours: ") {
                (row.outcome, row.ignoring) = (ours, ours);
            } else {
                row.ignoring = outcome.strip_prefix("ignoring: ").unwrap();
            }
        }
        row
    }
}

fn rows() -> Vec<Row> {
    let lines = include_str!("kinds.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(Row::read).collect()
}

async fn start(options: &str) -> (Upstream, TestEdge) {
    let folders = [
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/filters/grpc_json_transcoder"),
        concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/json/src/tests"),
        concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/third_party"),
    ];
    let folder = descriptors(&folders, "kinds.proto");
    let fields =
        format!("proto_descriptor: kinds.binpb, services: [pkg.Svc], convert_grpc_status: true, {options}");
    let config = Config { filters: filter(NAME, MESSAGE, &fields), ..Config::default() };
    let upstream = Upstream::start().await;
    let edge = Edge::from_yaml(&config.yaml(upstream.address), folder.path()).unwrap();
    (upstream, TestEdge::start(edge).await)
}

async fn outcome(edge: &TestEdge, row: &Row) -> String {
    let headers: &[_] = if row.body.is_some() { &[("content-type", "application/json")] } else { &[] };
    let mut request = post(row.target, headers, row.body.unwrap_or_default().to_owned());
    *request.method_mut() = row.method.parse().unwrap();
    let answer = edge.h1(request).await;
    match answer.status {
        200 => String::from_utf8(answer.body.to_vec()).unwrap(),
        status => status.to_string(),
    }
}

#[tokio::test]
async fn every_kind_of_field_binds_or_is_refused_as_by_envoy() {
    let (_upstream, edge) =
        start("request_validation_options: { reject_unknown_query_parameters: true }").await;
    let (_other, ignoring) = start("ignore_unknown_query_parameters: true").await;
    let mut wrong = Vec::new();
    for row in rows() {
        for (mode, edge, expected) in [("ours", &edge, row.outcome), ("ignoring", &ignoring, row.ignoring)] {
            let outcome = outcome(edge, &row).await;
            if outcome != expected {
                wrong.push(format!("{}\n    {mode}: {outcome}", row.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
