//! What the contract says about a call, worked out from the policy alone: a second reading of it, beside the servers' own.

use shopmesh_proto::policy::{AllowRule, MethodPolicy, Role, Scope};
use tonic::Code;

use super::{
    caller::{Caller, Who},
    examples::Example,
    world::World,
};

/// What must become of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It succeeds.
    Allowed,
    /// It succeeds, and shows nothing that belongs to others.
    AllowedWithoutOthers,
    Refused(Code),
}

/// What becomes of a call before its message is looked at; `None` if that decides.
pub fn at_the_door(policy: &MethodPolicy, caller: &Caller) -> Option<Expected> {
    if !caller.is_peer_of(policy) {
        return Some(Expected::Refused(Code::PermissionDenied));
    }
    if policy.allow.iter().any(|rule| matches(rule, &caller.who)) {
        return None;
    }
    let code = if caller.who == Who::Anonymous { Code::Unauthenticated } else { Code::PermissionDenied };
    Some(Expected::Refused(code))
}

/// What becomes of a call about this example.
pub fn of(policy: &MethodPolicy, caller: &Caller, example: &Example) -> Expected {
    if let Some(refused) = at_the_door(policy, caller) {
        return refused;
    }
    let rules = policy.allow.iter().filter(|rule| matches(rule, &caller.who));
    let theirs = rules.map(scope).any(|scope| match scope {
        Scope::None => true,
        Scope::Owner => matches!(&caller.who, Who::User(name, _) if *name == example.owner),
        Scope::Seller => holds(&caller.who, &example.seller),
        Scope::Channel => false,
    });
    match (theirs, example.is_listing) {
        (true, _) if example.is_missing => Expected::Refused(Code::NotFound),
        (true, _) => Expected::Allowed,
        (false, true) => Expected::AllowedWithoutOthers,
        (false, false) => Expected::Refused(Code::PermissionDenied),
    }
}

/// Somebody who may call with this example.
pub fn allowed<'w>(world: &'w World, policy: &MethodPolicy, example: &Example) -> &'w Caller {
    let allowed = if example.is_missing { Expected::Refused(Code::NotFound) } else { Expected::Allowed };
    let mut callers = world.callers().filter(|caller| of(policy, caller, example) == allowed);
    callers.next().unwrap_or_else(|| panic!("nobody may call {}", policy.path))
}

/// Whether a rule is about this caller, whatever the call is about.
fn matches(rule: &AllowRule, who: &Who) -> bool {
    match (rule, who) {
        (AllowRule::Anyone, _)
        | (AllowRule::Workload, Who::Service(_))
        | (AllowRule::SignedIn { .. }, Who::User(..)) => true,
        (AllowRule::Role { role, .. }, Who::User(_, bindings)) => {
            bindings.iter().any(|(held, _)| held == role)
        }
        // A certificate owns nothing.
        (AllowRule::Role { role: Role::Operator, scope }, Who::OperatorCertificate) => *scope != Scope::Owner,
        _ => false,
    }
}

fn holds(who: &Who, seller: &str) -> bool {
    let Who::User(_, bindings) = who else { return false };
    bindings.iter().any(|(role, scope)| *role == Role::Seller && (scope.is_empty() || scope == seller))
}

fn scope(rule: &AllowRule) -> Scope {
    match rule {
        AllowRule::Anyone | AllowRule::Workload => Scope::None,
        AllowRule::SignedIn { scope } | AllowRule::Role { scope, .. } => *scope,
    }
}
