//! Who may call, and the rest of the policy.

use std::collections::BTreeMap;

use shopmesh_proto::policy::{AllowRule, MethodPolicy, RateClass, RetryClass, Scope};

use super::model::{Allow, Policy, SecurityScheme};

/// Name of the one scheme.
const TOKEN: &str = "accessToken";

/// Bearer tokens of identity.
pub fn schemes() -> BTreeMap<&'static str, SecurityScheme> {
    let token = SecurityScheme {
        kind: "http",
        scheme: "bearer",
        bearer_format: "JWT",
        description: "The `accessToken` of `AuthService_SignIn`. It lives five minutes; `AuthService_RefreshSession` gives the next.",
    };
    [(TOKEN, token)].into()
}

/// A token; where anyone may call, none is as good, but one can show more.
pub fn security(policy: &MethodPolicy) -> Vec<BTreeMap<&'static str, Vec<&'static str>>> {
    let token = [(TOKEN, Vec::new())].into();
    if policy.allow.contains(&AllowRule::Anyone) { vec![BTreeMap::new(), token] } else { vec![token] }
}

/// The policy's own words.
pub fn policy(policy: &MethodPolicy) -> Policy {
    Policy {
        rpc: policy.path.trim_start_matches('/').to_owned(),
        allow: policy.allow.iter().map(allow).collect(),
        retry: match policy.retry {
            RetryClass::NoSideEffects => "no-side-effects",
            RetryClass::Idempotent => "idempotent",
            RetryClass::Keyed => "keyed",
            RetryClass::Unsafe => "unsafe",
        },
        deadline: format!("{}s", policy.deadline.as_secs_f64()),
        rate: match policy.rate {
            RateClass::Standard => "standard",
            RateClass::Credential => "credential",
            RateClass::Unlimited => "unlimited",
            RateClass::Static => "static",
        },
    }
}

fn allow(rule: &AllowRule) -> Allow {
    let (who, scope) = match rule {
        AllowRule::Anyone => ("anyone", Scope::None),
        AllowRule::SignedIn { scope } => ("user", *scope),
        AllowRule::Role { role, scope } => (role.as_str(), *scope),
        AllowRule::Workload => ("workload", Scope::None),
    };
    let scope = match scope {
        Scope::None => None,
        Scope::Owner => Some("owner"),
        Scope::Seller => Some("seller"),
        Scope::Channel => Some("channel"),
    };
    Allow { who, scope }
}

/// Who may call, for people.
pub fn sentence(policy: &MethodPolicy) -> String {
    let who = policy.allow.iter().map(allow).map(|Allow { who, scope }| match scope {
        Some("owner") => format!("{who} (their own)"),
        Some(scope) => format!("{who} (of their {scope})"),
        None => who.to_owned(),
    });
    format!("Allowed: {}.", who.collect::<Vec<_>>().join(", "))
}
