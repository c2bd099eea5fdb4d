//! Reads policies from method and service options.

use std::time::Duration;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use shopmesh_json::http_rule::http_bindings;

use super::{
    method::{AllowRule, MethodPolicy, RateClass, RetryClass, Role, Scope},
    v1,
};
use crate::ServiceName;

/// The policies of every RPC in the packages `shopmesh.*`.
pub fn methods(pool: &DescriptorPool) -> Vec<MethodPolicy> {
    pool.services()
        .filter(|service| service.package_name().starts_with("shopmesh."))
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| method_policy(pool, &method))
        .collect()
}

fn method_policy(pool: &DescriptorPool, method: &MethodDescriptor) -> MethodPolicy {
    let service = method.parent_service();
    let defaults: v1::ServicePolicy = extension(pool, "shopmesh.policy.v1.service", &service.options());
    let policy: v1::RpcPolicy = extension(pool, "shopmesh.policy.v1.rpc", &method.options());
    let domain = service.package_name().split('.').nth(1).unwrap_or_default();
    let own: Option<ServiceName> = domain.parse().ok();
    let named = if policy.peers.is_empty() { &defaults.peers } else { &policy.peers };
    let peers = named.iter().flat_map(|peer| match peer.as_str() {
        "services" => {
            let others = ServiceName::ALL.into_iter().filter(|other| Some(*other) != own);
            others.map(|other| other.to_string()).collect()
        }
        _ => vec![peer.clone()],
    });
    let rate = if policy.rate() == v1::RateClass::Unspecified { defaults.rate() } else { policy.rate() };
    let deadline = policy.deadline.or(defaults.deadline).unwrap_or_default();
    MethodPolicy {
        path: format!("/{}/{}", service.full_name(), method.name()),
        service: service.full_name().to_owned(),
        method: method.name().to_owned(),
        domain: own.map_or_else(String::new, |own| own.to_string()),
        peers: peers.collect(),
        allow: policy.allow.iter().filter_map(allow_rule).collect(),
        retry: match policy.retry() {
            v1::RetryClass::NoSideEffects => RetryClass::NoSideEffects,
            v1::RetryClass::Idempotent => RetryClass::Idempotent,
            v1::RetryClass::Keyed => RetryClass::Keyed,
            v1::RetryClass::Unsafe | v1::RetryClass::Unspecified => RetryClass::Unsafe,
        },
        deadline: Duration::try_from(deadline).unwrap_or_default(),
        rate: match rate {
            v1::RateClass::Credential => RateClass::Credential,
            v1::RateClass::Unlimited => RateClass::Unlimited,
            v1::RateClass::Static => RateClass::Static,
            v1::RateClass::Standard | v1::RateClass::Unspecified => RateClass::Standard,
        },
        audit: policy.audit,
        http: http_bindings(method),
        media_types: policy.media_types,
        any_query: policy.any_query,
        server_streaming: method.is_server_streaming(),
        client_streaming: method.is_client_streaming(),
    }
}

fn allow_rule(allow: &v1::Allow) -> Option<AllowRule> {
    let scope = match allow.scope() {
        v1::Scope::Unspecified => Scope::None,
        v1::Scope::Owner => Scope::Owner,
        v1::Scope::Seller => Scope::Seller,
        v1::Scope::Channel => Scope::Channel,
    };
    match allow.who.as_ref()? {
        v1::allow::Who::Anyone(true) => Some(AllowRule::Anyone),
        v1::allow::Who::SignedIn(true) => Some(AllowRule::SignedIn { scope }),
        v1::allow::Who::Workload(true) => Some(AllowRule::Workload),
        v1::allow::Who::Role(role) => {
            let role = match v1::Role::try_from(*role).ok()? {
                v1::Role::Shopper => Role::Shopper,
                v1::Role::Seller => Role::Seller,
                v1::Role::Operator => Role::Operator,
                v1::Role::Unspecified => return None,
            };
            Some(AllowRule::Role { role, scope })
        }
        // A written `false` lets nobody in.
        _ => None,
    }
}

/// The value of an option, or its default when it is not set or not known to these descriptors.
fn extension<M: Message + Default>(pool: &DescriptorPool, name: &str, options: &DynamicMessage) -> M {
    let Some(extension) = pool.get_extension_by_name(name) else { return M::default() };
    options
        .get_extension(&extension)
        .as_message()
        .and_then(|value| value.transcode_to().ok())
        .unwrap_or_default()
}
