//! Policies of the standard services, whose contracts carry none.

use std::time::Duration;

use super::method::{AllowRule, MethodPolicy, RateClass, RetryClass};

/// Health and reflection: anyone may ask, from any workload that talks to services directly.
pub fn methods() -> impl Iterator<Item = MethodPolicy> {
    [
        ("grpc.health.v1.Health", "Check", false, 2),
        ("grpc.health.v1.Health", "List", false, 2),
        ("grpc.health.v1.Health", "Watch", true, 3600),
        ("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo", true, 60),
        ("grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo", true, 60),
    ]
    .into_iter()
    .map(|(service, method, server_streaming, seconds)| MethodPolicy {
        path: format!("/{service}/{method}"),
        service: service.to_owned(),
        method: method.to_owned(),
        domain: String::new(),
        allow: vec![AllowRule::Anyone],
        peers: ["edge", "operator", "platform"].map(str::to_owned).to_vec(),
        retry: RetryClass::NoSideEffects,
        deadline: Duration::from_secs(seconds),
        rate: RateClass::Unlimited,
        audit: false,
        http: Vec::new(),
        media_types: Vec::new(),
        any_query: false,
        server_streaming,
        client_streaming: method == "ServerReflectionInfo",
    })
}
