//! Every RPC, called by everybody: refused where the contract says, and successful where it allows; and every RPC that
//! promises it, called twice.

use serde_json::Value;
use shopmesh_proto::policy::{MethodPolicy, PolicyTable, RetryClass};
use tonic::{Code, Status};

use super::{
    caller::Caller,
    examples,
    expected::{self, Expected},
    world::World,
};

/// The RPCs of the contracts, without what the standard services bring.
pub fn rpcs() -> impl Iterator<Item = &'static MethodPolicy> {
    PolicyTable::global().methods().filter(|policy| policy.path.starts_with("/shopmesh."))
}

#[tokio::test]
async fn everybody_calls_everything() {
    let world = World::open().await;
    let (mut wrong, mut calls) = (Vec::new(), 0);
    for policy in rpcs() {
        for caller in world.callers() {
            calls += 1;
            // Nobody who is refused at the door may learn whether the message is good.
            if let Some(expected) = expected::at_the_door(policy, caller) {
                let answer = caller.call_raw(policy, Vec::new()).await.map(|_| Value::Null);
                wrong.extend(mistake(policy, caller, expected, &answer));
                continue;
            }
            let Some(example) = examples::of(policy, &world).await else { continue };
            let expected = expected::of(policy, caller, &example);
            let answer = caller.call(policy, &example.body).await;
            wrong.extend(mistake(policy, caller, expected, &answer));
            if let (Ok(answer), Expected::AllowedWithoutOthers) = (answer, expected) {
                let owner = expected::allowed(&world, policy, &example);
                let theirs = owner.call(policy, &example.body).await.unwrap();
                wrong.extend(shared(&theirs, &answer).map(|what| {
                    format!("{}: {} sees what is {}'s: {what}", policy.path, caller.name, owner.name)
                }));
            }
        }
    }
    assert!(calls > 900, "{calls}");
    assert!(wrong.is_empty(), "{} of {calls} calls\n{}", wrong.len(), wrong.join("\n"));
}

fn mistake(
    policy: &MethodPolicy,
    caller: &Caller,
    expected: Expected,
    answer: &Result<Value, Status>,
) -> Option<String> {
    let is_right = match (answer, expected) {
        (Ok(_), Expected::Allowed | Expected::AllowedWithoutOthers) => true,
        (Err(status), Expected::Refused(code)) => status.code() == code,
        _ => false,
    };
    (!is_right).then(|| format!("{} by {}: {expected:?} but {answer:?}", policy.path, caller.name))
}

/// An item that two listings share; a listing without any would prove nothing.
fn shared(one: &Value, other: &Value) -> Option<Value> {
    let items = |listing: &Value| -> Vec<Value> {
        listing.as_object().unwrap().values().filter_map(Value::as_array).flatten().cloned().collect()
    };
    let (one, other) = (items(one), items(other));
    assert!(!one.is_empty(), "the owner's listing is empty");
    one.into_iter().find(|item| other.contains(item))
}

#[tokio::test]
async fn a_repeat_does_what_the_retry_class_says() {
    let world = World::open().await;
    let mut wrong = Vec::new();
    for policy in rpcs().filter(|policy| matches!(policy.retry, RetryClass::Keyed | RetryClass::Idempotent)) {
        let Some(example) = examples::of(policy, &world).await else { continue };
        let caller = expected::allowed(&world, policy, &example);
        let first = caller.call(policy, &example.body).await;
        let second = caller.call(policy, &example.body).await;
        let is_right = match (&first, &second) {
            (Ok(first), Ok(second)) => policy.retry == RetryClass::Idempotent || first == second,
            // The state is the same, and the caller is told why. What is gone looks like what was never theirs.
            (Ok(_), Err(status)) if policy.retry == RetryClass::Idempotent => match status.code() {
                Code::AlreadyExists => policy.method.starts_with("Create"),
                Code::NotFound | Code::PermissionDenied => policy.method.starts_with("Delete"),
                _ => false,
            },
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{}:\n  {first:?}\n  {second:?}", policy.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
