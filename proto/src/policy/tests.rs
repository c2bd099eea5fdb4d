use std::time::Duration;

use shopmesh_json::http_rule::http_rules;

use super::*;
use crate::ServiceName;

fn policy(path: &str) -> &'static MethodPolicy {
    PolicyTable::global().method(path).unwrap()
}

#[test]
fn defaults_of_the_service_are_filled_in_and_overridden() {
    let get = policy("/shopmesh.orders.v1.OrderService/GetOrder");
    assert_eq!(get.deadline, Duration::from_secs(5));
    assert_eq!(get.domain, "orders");
    assert!(get.is_public() && !get.mutates());
    let cancel = policy("/shopmesh.orders.v1.OrderService/CancelOrder");
    assert_eq!(cancel.deadline, Duration::from_secs(15));
    assert_eq!(cancel.retry, RetryClass::Keyed);
    let rule = AllowRule::Role { role: Role::Shopper, scope: Scope::Owner };
    assert_eq!(get.allow, [rule, AllowRule::Role { role: Role::Operator, scope: Scope::None }]);
    assert_eq!(get.http[0].template, "/v1/{name=orders/*}");
}

#[test]
fn internal_rpcs_are_not_public() {
    for path in [
        "/shopmesh.inventory.v1.ReservationService/Reserve",
        "/shopmesh.payments.v1.PaymentFlowService/VoidPayment",
    ] {
        assert_eq!(policy(path).peers, ["orders"]);
        assert!(policy(path).http.is_empty());
    }
}

#[test]
fn services_are_all_but_the_one_that_is_called() {
    let peers = &policy("/shopmesh.identity.v1.RevocationService/ReadRevocations").peers;
    assert_eq!(*peers, ServiceName::ALL[1..].iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(ServiceName::ALL[0], ServiceName::Identity);
}

#[test]
fn every_rpc_has_a_full_policy() {
    for method in PolicyTable::global().methods() {
        assert!(!method.allow.is_empty() && !method.peers.is_empty(), "{}", method.path);
        assert!(method.deadline > Duration::ZERO, "{}", method.path);
    }
}

#[test]
fn standard_services_have_policies() {
    assert!(policy("/grpc.health.v1.Health/Check").is_public());
    assert!(policy("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo").client_streaming);
}

/// Real Envoy 1.40 ends with SIGSEGV when it transcodes a map entry that lacks its key or its value, as prost writes default values; and it
/// tells a path variable from a body field by the proto name alone.
#[test]
fn envoy_can_transcode_every_public_rpc() {
    let pool = crate::descriptor_pool();
    let public = PolicyTable::global().methods().filter(|method| method.is_rest());
    let mut seen = std::collections::BTreeSet::new();
    let mut open = Vec::new();
    for method in public {
        let service = pool.get_service_by_name(&method.service).unwrap();
        let rpc = service.methods().find(|rpc| rpc.name() == method.method).unwrap();
        for variable in http_rules(&rpc).unwrap().iter().flat_map(|rule| &rule.template.variables) {
            let name = &variable.field;
            assert!(!name.contains('_'), "{}: {{{name}}} has another name in JSON", method.path);
        }
        open.extend([rpc.input(), rpc.output()]);
    }
    while let Some(message) = open.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        for field in message.fields() {
            assert!(!field.is_map(), "{}: a map; use a repeated message", field.full_name());
            open.extend(field.kind().as_message().cloned());
        }
    }
    assert!(seen.len() > 50, "{}", seen.len());
}
