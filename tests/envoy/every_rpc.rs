//! Every public RPC of the contracts, by REST, gRPC and gRPC-Web: as somebody who may call it, as another user, and as nobody.

use bytes::Bytes;
use http::Request;
use shopmesh_proto::policy::{MethodPolicy, RetryClass};

use super::{
    compare::{Case, Comparison},
    pair::Pair,
    rest,
    view::Bodies,
};
use crate::{
    contract::{
        caller::{Caller, types},
        examples::{self, Example},
        expected::{self, Expected},
        promises::rpcs,
        world::World,
    },
    support::{
        grpc::{self, Protocol, Reply},
        http::{Answer, BrokenOff, authorize, send},
        json::to_wire,
    },
};

/// REST, and the others.
const FORMS: [Option<Protocol>; 3] = [None, Some(Protocol::Grpc), Some(Protocol::Web)];

/// Compares them all.
pub async fn compare(pair: &Pair, world: &World, comparison: &mut Comparison) {
    for policy in rpcs().filter(|policy| policy.is_public()) {
        let example = examples::of(policy, world).await.unwrap();
        for form in FORMS {
            for caller in [&world.anonymous, &world.other_shopper] {
                if let Expected::Refused(_) = expected::of(policy, caller, &example) {
                    let request = request(policy, form, &example, caller);
                    let answers = pair.ask(&request, |_| false).await;
                    assert!(!succeeded(policy, &answers[0]), "{}: {answers:?}", policy.path);
                    comparison.add(Case::new(&name(policy, form, caller), &answers, &Bodies::Exactly));
                }
            }
            let caller = expected::allowed(world, policy, &example);
            let name = name(policy, form, caller);
            let (answers, bodies) = match policy.retry {
                RetryClass::NoSideEffects => {
                    let request = request(policy, form, &example, caller);
                    // Of the state of the system, each edge sees another moment.
                    let output = types(policy).1;
                    let is_moment = policy.method == "GetSystemStatus";
                    let bodies = if is_moment { Bodies::Alike(output) } else { Bodies::Exactly };
                    (pair.ask_in_peace(&request, enough_of(policy, form), &bodies).await, bodies)
                }
                // One whose message came out otherwise would be refused as another call with the same key.
                RetryClass::Keyed => {
                    let request = request(policy, form, &example, caller);
                    (pair.ask(&request, |_| false).await, Bodies::Exactly)
                }
                RetryClass::Idempotent | RetryClass::Unsafe => {
                    let (mine, yours) = (examples::of(policy, world), examples::of(policy, world));
                    let (mine, yours) = (mine.await.unwrap(), yours.await.unwrap());
                    let envoy = send(pair.envoy, request(policy, form, &mine, caller)).await;
                    let ours = send(pair.ours, request(policy, form, &yours, caller)).await;
                    ([Ok(envoy), Ok(ours)], Bodies::Alike(types(policy).1))
                }
            };
            assert!(succeeded(policy, &answers[0]) != example.is_missing, "{name}: {answers:?}");
            comparison.add(Case::new(&name, &answers, &bodies));
        }
    }
}

fn name(policy: &MethodPolicy, form: Option<Protocol>, caller: &Caller) -> String {
    let form = form.map_or("REST".to_owned(), |protocol| format!("{protocol:?}"));
    format!("{} by {form} as {}", policy.path, caller.name)
}

/// One of them never ends.
fn is_endless(policy: &MethodPolicy) -> bool {
    policy.method == "WatchStock"
}

/// Of an answer without end, its first message is enough.
fn enough_of(policy: &MethodPolicy, form: Option<Protocol>) -> fn(&[u8]) -> bool {
    match form {
        _ if !is_endless(policy) => |_| false,
        None => |body| !body.is_empty(),
        Some(protocol) => protocol.has_frame(),
    }
}

fn succeeded(policy: &MethodPolicy, answer: &Result<Answer, BrokenOff>) -> bool {
    let Ok(answer) = answer else { return false };
    // The status comes at the end.
    let code = if is_endless(policy) { -1 } else { 0 };
    answer.status == 200 && (!answer.is_grpc() || Reply::read(answer).status().0 == code)
}

fn request(
    policy: &MethodPolicy,
    form: Option<Protocol>,
    example: &Example,
    caller: &Caller,
) -> Request<Bytes> {
    let token = caller.token.as_deref();
    let Some(protocol) = form else {
        let mut request = rest::request(&policy.http[0], &example.body);
        if let Some(token) = token {
            authorize(&mut request, token);
        }
        return request;
    };
    grpc::call(protocol, &policy.path, token, &to_wire(&types(policy).0, &example.body))
}
