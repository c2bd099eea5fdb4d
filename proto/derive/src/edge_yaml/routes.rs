//! The routes: REST paths that need settings of their own before transcoding, then one per RPC, then the rest.

use std::{collections::BTreeSet, fmt::Write, time::Duration};

use filters::Bucket;
use shopmesh_json::http_rule::{Segment, Template};
use shopmesh_proto::policy::{MethodPolicy, RateClass};

use super::{filters, params::EdgeYamlParams, yaml::indent};

/// What a page and all that it loads may ask for at once.
const STATIC: Bucket = Bucket { burst: 200, per_second: 50 };

/// The `routes` list.
pub fn render(params: &EdgeYamlParams, public: &[&MethodPolicy]) -> String {
    let mut routes = String::from(
        "# Paths with a limit of their own: health, status and keys have none, pages a larger one.\n",
    );
    for method in public {
        let limit = match method.rate {
            RateClass::Unlimited => filters::no_ratelimit(),
            RateClass::Static => filters::local_ratelimit("static", &STATIC, params.rate_limit),
            RateClass::Standard | RateClass::Credential => continue,
        };
        let paths = method.http.iter().map(|binding| binding.template.as_str());
        // What has no limit at all must be one path.
        let paths = paths.filter(|path| method.rate != RateClass::Unlimited || !path.contains('{'));
        for path in paths.filter_map(path_match) {
            let _ = write!(
                routes,
                "- match: {{ {path} }}\n  route: {{ cluster: {} }}\n  typed_per_filter_config:\n    envoy.filters.http.local_ratelimit:\n{}\n",
                method.domain,
                indent(6, &limit),
            );
            if method.any_query {
                let transcoder = filters::page_transcoder(params, method);
                let _ = writeln!(routes, "    {}:\n{}", filters::TRANSCODER, indent(6, &transcoder));
            }
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
    // REST paths match here before they are transcoded; what is still here afterward is nobody's.
    routes.push_str("- match: { prefix: / }\n  route: { cluster: platform }");
    routes
}

/// What finds a REST path before it is transcoded; none if nothing of it is fixed, so that it would match every path.
pub(super) fn path_match(template: &str) -> Option<String> {
    let template = Template::parse(template).ok()?;
    let fixed = template.segments.iter().map_while(|segment| match segment {
        Segment::Literal(text) => Some(text.as_str()),
        _ => None,
    });
    let fixed: Vec<&str> = fixed.collect();
    let path = format!("/{}", fixed.join("/"));
    match template.segments.get(fixed.len()) {
        None => Some(format!("path: {path}")),
        Some(_) if fixed.is_empty() => None,
        // `**` is also no segment at all.
        Some(Segment::Deep) => Some(format!("path_separated_prefix: {path}")),
        Some(_) => Some(format!("prefix: {path}/")),
    }
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
