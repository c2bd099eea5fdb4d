//! The routes: REST paths that need settings of their own before transcoding, then one per RPC, then the rest.

use super::{EdgeYamlParams, filters, indent};
use crate::policy::{MethodPolicy, RateClass};
use filters::Bucket;
use std::{collections::BTreeSet, fmt::Write, time::Duration};

/// The `routes` list.
pub fn render(params: &EdgeYamlParams, public: &[&MethodPolicy]) -> String {
    let mut routes = String::from("# Paths without the limit per address: health, status and keys.\n");
    for method in public.iter().filter(|method| method.rate == RateClass::Unlimited) {
        for binding in method.http.iter().filter(|binding| !binding.template.contains('{')) {
            let _ = write!(
                routes,
                "- match: {{ path: {} }}\n  route: {{ cluster: {} }}\n  typed_per_filter_config:\n    envoy.filters.http.local_ratelimit:\n{}\n",
                binding.template,
                method.domain,
                indent(6, &filters::no_ratelimit()),
            );
        }
    }
    routes.push_str("# One per public RPC: its deadline, and its rate class.\n");
    for method in public.iter().filter(|method| !method.domain.is_empty()) {
        routes.push_str(&rpc_route(params, method));
    }
    routes.push_str("# What every client may ask of the system itself.\n");
    let standard: BTreeSet<&str> = public
        .iter()
        .filter(|method| method.domain.is_empty())
        .map(|method| method.service.as_str())
        .collect();
    for service in standard.iter().filter(|service| service.starts_with("grpc.")) {
        let _ = writeln!(
            routes,
            "- match: {{ prefix: /{service}/ }}\n  route: {{ cluster: platform, timeout: 0s }}"
        );
    }
    // REST paths match here before they are transcoded; what is still here afterwards is nobody's.
    routes.push_str("- match: { prefix: / }\n  route: { cluster: platform }");
    routes
}

fn rpc_route(params: &EdgeYamlParams, method: &MethodPolicy) -> String {
    // The service answers at the deadline; a second later the edge stops waiting for that answer.
    let timeout = if method.server_streaming {
        "0s".to_owned()
    } else {
        seconds(method.deadline + Duration::from_secs(1))
    };
    let mut route = format!(
        "- match: {{ path: {} }}\n  route: {{ cluster: {}, timeout: {timeout}, max_stream_duration: {{ grpc_timeout_header_max: {} }} }}\n",
        method.path,
        method.domain,
        seconds(method.deadline),
    );
    if method.rate == RateClass::Credential {
        let bucket = Bucket { burst: 10, per_second: 2 };
        let limit = filters::local_ratelimit("credential", &bucket, params.rate_limit);
        let _ = writeln!(
            route,
            "  typed_per_filter_config:\n    {}:\n{}",
            filters::RPC_RATELIMIT,
            indent(6, &limit)
        );
    }
    route
}

fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs_f64())
}
