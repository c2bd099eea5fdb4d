use super::*;

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
