//! Every RPC states its policy: who may call, from which peers, how long, and whether it may be repeated.

use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

use crate::services::{NO_SERVICES, Service};

/// What is missing or contradictory in the policies of `pool`, whose services are `services`: added to `problems`, one line
/// each.
pub fn check(pool: &DescriptorPool, services: &[Service], problems: &mut Vec<String>) {
    let peers: Vec<&str> = services.iter().map(|service| service.name.as_str()).chain(NO_SERVICES).collect();
    for service in pool.services().filter(|service| service.package_name().starts_with("shopmesh.")) {
        let defaults = extension(pool, "shopmesh.policy.v1.service", &service.options());
        for method in service.methods() {
            match extension(pool, "shopmesh.policy.v1.rpc", &method.options()) {
                Some(policy) => check_rpc(&method, defaults.as_ref(), &policy, &peers, problems),
                None => problems
                    .push(format!("{}: option (shopmesh.policy.v1.rpc) is missing", method.full_name())),
            }
        }
    }
}

fn check_rpc(
    method: &MethodDescriptor,
    defaults: Option<&DynamicMessage>,
    policy: &DynamicMessage,
    known_peers: &[&str],
    problems: &mut Vec<String>,
) {
    let mut need = |ok: bool, problem: &str| {
        if !ok {
            problems.push(format!("{}: {problem}", method.full_name()));
        }
    };
    let stated =
        |name: &str| policy.has_field_by_name(name) || defaults.is_some_and(|d| d.has_field_by_name(name));
    let retry = number(policy, "retry");
    need(policy.has_field_by_name("allow"), "`allow` names nobody");
    need(stated("peers"), "`peers` is missing on the RPC and its service");
    need(stated("deadline"), "`deadline` is missing on the RPC and its service");
    need(stated("rate"), "`rate` is missing on the RPC and its service");
    need(retry != 0, "`retry` is missing");

    let http = method.options().extensions().any(|(extension, _)| extension.full_name() == "google.api.http");
    let peers =
        strings(policy, "peers").or_else(|| defaults.and_then(|d| strings(d, "peers"))).unwrap_or_default();
    let public = peers.iter().any(|peer| peer == "edge");
    need(public == http, "an RPC has google.api.http exactly when `edge` is among its peers");
    let media_types = strings(policy, "media_types").unwrap_or_default();
    need(
        media_types.is_empty() != (method.output().full_name() == "google.api.HttpBody"),
        "`media_types` and an answer of google.api.HttpBody go together",
    );
    let own = method.parent_service().package_name().split('.').nth(1).unwrap_or_default().to_owned();
    need(!peers.contains(&own), "a service does not call itself");
    for peer in peers.iter().filter(|peer| !known_peers.contains(&peer.as_str())) {
        need(false, &format!("`{peer}` among `peers` is one of {}", known_peers.join(", ")));
    }
    // google.aip.dev/155: the key that makes a repeat safe.
    let keyed = method.input().get_field_by_name("request_id").is_some();
    need((retry == 3) == keyed, "RETRY_CLASS_KEYED and a `request_id` field go together");
}

fn extension(pool: &DescriptorPool, name: &str, options: &DynamicMessage) -> Option<DynamicMessage> {
    let extension = pool.get_extension_by_name(name)?;
    if !options.has_extension(&extension) {
        return None;
    }
    options.get_extension(&extension).as_message().cloned()
}

fn number(message: &DynamicMessage, field: &str) -> i32 {
    message.get_field_by_name(field).and_then(|value| value.as_enum_number()).unwrap_or_default()
}

fn strings(message: &DynamicMessage, field: &str) -> Option<Vec<String>> {
    let value = message.get_field_by_name(field)?;
    let list: Vec<String> = value.as_list()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (!list.is_empty()).then_some(list)
}
