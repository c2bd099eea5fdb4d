//! The ledger of RPCs: each with its retry class and what is tried of it. What is not is a gap, and gaps only shrink.

use std::fmt::Write;

use shopmesh_proto::policy::{AllowRule, RetryClass, Scope};

use super::{assert_golden, examples, promises::rpcs, world::World};

#[tokio::test]
async fn every_rpc_is_tried() {
    let world = World::open().await;
    let (mut ledger, mut gaps) = (String::new(), Vec::new());
    for policy in rpcs() {
        let tried = examples::of(policy, &world).await.is_some();
        if !tried {
            gaps.push(policy.path.as_str());
        }
        let retry = match policy.retry {
            RetryClass::NoSideEffects => "reads",
            RetryClass::Idempotent => "idempotent",
            RetryClass::Keyed => "keyed",
            RetryClass::Unsafe => "unsafe",
        };
        let who: Vec<_> = policy.allow.iter().map(who).collect();
        let name = policy.path.trim_start_matches("/shopmesh.");
        let tried = if tried { "tried" } else { "GAP" };
        writeln!(ledger, "{name:<56} {retry:<10} {tried} {}", who.join(", ")).unwrap();
    }
    assert!(gaps.is_empty(), "give these an example: {gaps:?}");
    assert_golden("ledger.txt", &ledger);
}

fn who(rule: &AllowRule) -> String {
    let (who, scope) = match rule {
        AllowRule::Anyone => return "anyone".to_owned(),
        AllowRule::Workload => return "services".to_owned(),
        AllowRule::SignedIn { scope } => ("signed in", scope),
        AllowRule::Role { role, scope } => (role.as_str(), scope),
    };
    match scope {
        Scope::None => who.to_owned(),
        Scope::Owner => format!("{who} (own)"),
        Scope::Seller => format!("{who} (own seller)"),
        Scope::Channel => format!("{who} (own channel)"),
    }
}
