//! Random requests and answers: what reaches a service through either edge is the same message with the same headers, and what the
//! service answers reaches the client as the same JSON.

mod answers;
mod recorder;
mod requests;

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use bytes::Bytes;
use http::Request;
use prost_reflect::MessageDescriptor;
use shopmesh_derive::edge_yaml::{EdgeYamlParams, render};
use shopmesh_mesh::workload::{CertificateAuthority, SpiffeId, TrustDomain};
use shopmesh_proto::policy::PolicyTable;

use super::{
    compare::{Case, Comparison},
    pair::Pair,
    view::{Bodies, comparable},
};
use crate::{
    contract::{caller::types, promises::rpcs},
    support::{
        http::{Answer, BrokenOff, try_send},
        json::from_wire,
        noise::Noise,
        shop::free_offset,
    },
};
use recorder::{Recorder, Seen};

/// How often each RPC is called.
const CALLS: usize = 20;

/// Compares what becomes of them.
pub async fn compare(comparison: &mut Comparison) {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, pair) = start(folder.path()).await;
    let (mut noise, mut reached, mut calls) = (Noise(0x5EED), 0, 0);
    for policy in rpcs().filter(|policy| policy.is_public()) {
        for _ in 0..CALLS {
            calls += 1;
            recorder.reseed(calls);
            let request = requests::request(policy, &descriptor(&types(policy).0), &mut noise);
            let (envoy, seen_by_envoy) = ask(pair.envoy, &request, &recorder).await;
            let (ours, seen_by_ours) = ask(pair.ours, &request, &recorder).await;
            reached += u64::from(seen_by_envoy.is_some());
            let mut case = Case::new(&told(&request), &[envoy, ours], &Bodies::Exactly);
            compare_calls(&mut case, [seen_by_envoy, seen_by_ours]);
            comparison.add(case);
        }
    }
    assert!(reached > calls / 3 && reached < calls, "{reached} of {calls} requests reach a service");
}

/// Both edges before the recorder, with the bootstrap that the contracts give.
async fn start(folder: &Path) -> (Recorder, Pair) {
    let trust_domain = TrustDomain::default();
    let authority = CertificateAuthority::load_or_create(folder, &trust_domain).unwrap();
    let identity = authority.issue_to(&SpiffeId::edge("main"), folder).unwrap();
    let recorder = Recorder::start(&authority, folder).await;
    let descriptors = folder.join("descriptors.binpb");
    fs::write(&descriptors, shopmesh_proto::DESCRIPTORS).unwrap();
    let offset = free_offset();
    let (public, admin) = (8080 + offset, 9901 + offset);
    let bootstrap = render(&EdgeYamlParams {
        listen: (Ipv4Addr::LOCALHOST, public).into(),
        admin: (Ipv4Addr::LOCALHOST, admin).into(),
        services: recorder.services.clone(),
        trust_domain: trust_domain.to_string(),
        certificate: identity.cert,
        private_key: identity.key,
        roots: identity.roots,
        descriptors,
        rate_limit: false,
    });
    let yaml = folder.join("edge.yaml");
    fs::write(&yaml, bootstrap).unwrap();
    (recorder, Pair::start(&yaml, public, admin))
}

fn descriptor(name: &str) -> MessageDescriptor {
    shopmesh_proto::descriptor_pool().get_message_by_name(name).unwrap()
}

async fn ask(
    edge: SocketAddr,
    request: &Request<Bytes>,
    recorder: &Recorder,
) -> (Result<Answer, BrokenOff>, Option<Seen>) {
    let answer = try_send(edge, request.clone(), |_| false).await;
    (answer, recorder.take())
}

fn told(request: &Request<Bytes>) -> String {
    let body = String::from_utf8_lossy(request.body());
    format!("{} {} <- {body}", request.method(), request.uri().path_and_query().unwrap())
}

/// Compares what came to the service: whether at all, which RPC, which message, which headers.
fn compare_calls(case: &mut Case, seen: [Option<Seen>; 2]) {
    let told = |seen: &Option<Seen>| seen.as_ref().map_or("refused".to_owned(), call);
    case.differ("call", told(&seen[0]), told(&seen[1]));
    if let [Some(envoy), Some(ours)] = seen {
        let headers = [envoy, ours].map(|seen| comparable("call's", &seen.headers, seen.body.len()));
        case.differ_by_name(headers);
    }
}

/// The RPC and its message.
fn call(seen: &Seen) -> String {
    let policy = PolicyTable::global().method(&seen.path).unwrap();
    let message = &seen.body[5..];
    match from_wire(&types(policy).0, message) {
        Ok(message) => format!("{} {message}", policy.method),
        Err(error) => format!("{} {error}: {message:?}", policy.method),
    }
}
