//! Who may call, and the rest of the policy.

use super::model::{Allow, Policy, SecurityScheme};
use crate::policy::{AllowRule, MethodPolicy, RateClass, RetryClass, Scope};
use std::collections::BTreeMap;

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

/// Alternatives: no token, any token, or one with a role (OpenAPI 3.1 names roles here). With `anyone`, a token may be
/// sent too: it can show more.
pub fn security(policy: &MethodPolicy) -> Vec<BTreeMap<&'static str, Vec<&'static str>>> {
    let mut alternatives = Vec::new();
    for rule in &policy.allow {
        match rule {
            AllowRule::Anyone => alternatives.extend([BTreeMap::new(), [(TOKEN, Vec::new())].into()]),
            AllowRule::SignedIn { .. } => alternatives.push([(TOKEN, Vec::new())].into()),
            AllowRule::Role { role, .. } => alternatives.push([(TOKEN, vec![role.as_str()])].into()),
            // No caller of the edge.
            AllowRule::Workload => {}
        }
    }
    alternatives
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
