//! What a handler knows of its caller.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use shopmesh_proto::{
    policy::{AllowRule, MethodPolicy, Role, Scope},
    status,
};
use tokio::time::Instant;
use tonic::{Code, Request, Status, metadata::MetadataMap};

use super::{challenge, tokens::Claims};
use crate::{ServiceName, context::RequestContext, net::Drain, workload::SpiffeId};

/// On whose behalf a call runs.
#[derive(Debug, Clone)]
pub enum Principal {
    /// Nobody said.
    Anonymous,
    /// A person, by token.
    User(Claims),
    /// An operator, by certificate.
    Operator(String),
    /// A service, by certificate.
    Workload(ServiceName),
}

/// A call that the contract lets through. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who opened the connection.
    pub peer: SpiffeId,
    /// On whose behalf.
    pub principal: Principal,
    /// What the contract says.
    pub policy: &'static MethodPolicy,
    /// When the caller stops waiting.
    pub deadline: Instant,
    /// W3C trace context.
    pub traceparent: String,
    /// What else the caller sent.
    pub metadata: MetadataMap,
    /// Starts when this server is to end: what a stream waits for beside its own end.
    pub drain: Option<Drain>,
    scope_settled: Arc<AtomicBool>,
}

/// What a call is about, as far as policies know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Resource<'a> {
    /// `users/...` it belongs to.
    pub owner: Option<&'a str>,
    /// `sellers/...` who sells it.
    pub seller: Option<&'a str>,
    /// `channels/...` it is sold in.
    pub channel: Option<&'a str>,
}

/// What of a list the caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// Everything.
    All,
    /// What belongs to this user.
    Owner(String),
    /// What these sellers sell.
    Sellers(Vec<String>),
}

impl Call {
    /// A call as the server makes it; a handler under test is given one in its request's extensions.
    pub fn new(
        peer: SpiffeId,
        principal: Principal,
        policy: &'static MethodPolicy,
        deadline: Instant,
        traceparent: String,
    ) -> Self {
        let scope_settled = Arc::default();
        let (metadata, drain) = (MetadataMap::new(), None);
        Self { peer, principal, policy, deadline, traceparent, metadata, drain, scope_settled }
    }

    /// The call and the message of a request that came through a `MeshServer`.
    ///
    /// # Errors
    /// UNAVAILABLE for another request.
    pub fn take<T>(request: Request<T>) -> Result<(Self, T), Status> {
        let (metadata, mut extensions, message) = request.into_parts();
        // Unreachable behind a MeshServer; answered rather than panicked.
        let unserved = || Status::unavailable("this service is only served by the mesh");
        let call = extensions.remove::<Self>().ok_or_else(unserved)?;
        Ok((Self { metadata, drain: extensions.remove(), ..call }, message))
    }

    /// The call of a request that came through a `MeshServer`.
    pub fn of<T>(request: &Request<T>) -> Result<&Self, Status> {
        // Unreachable behind a MeshServer; answered rather than panicked.
        request
            .extensions()
            .get()
            .ok_or_else(|| Status::unavailable("this service is only served by the mesh"))
    }

    /// What calls on its behalf are given: the time that is left, and the trace.
    pub fn context(&self) -> RequestContext {
        RequestContext { deadline: self.deadline, traceparent: self.traceparent.clone() }
    }

    /// `users/...`, or UNAUTHENTICATED.
    pub fn user(&self) -> Result<&str, Status> {
        match &self.principal {
            Principal::User(claims) => Ok(&claims.subject),
            _ => Err(challenge::token_missing("sign in first: this call needs a user's access token")),
        }
    }

    /// Who this is, as the scope of idempotency keys.
    pub fn principal_key(&self) -> String {
        match &self.principal {
            Principal::Anonymous => "anonymous".to_owned(),
            Principal::User(claims) => claims.subject.clone(),
            Principal::Operator(name) => format!("operators/{name}"),
            Principal::Workload(service) => format!("services/{service}"),
        }
    }

    /// `users/me` is the caller; other names stay what they are.
    pub fn resolve_me(&self, name: &str) -> Result<String, Status> {
        match name.strip_prefix("users/me") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Ok(format!("{}{rest}", self.user()?)),
            _ => Ok(name.to_owned()),
        }
    }

    /// Whether the caller holds a role, bound to whatever.
    pub fn has_role(&self, role: Role) -> bool {
        match &self.principal {
            Principal::User(claims) => claims.bindings.iter().any(|binding| binding.role == role),
            Principal::Operator(_) => role == Role::Operator,
            Principal::Anonymous | Principal::Workload(_) => false,
        }
    }

    /// Asks the contract whether the caller may do this to `resource`: PERMISSION_DENIED if not.
    pub fn authorize(&self, resource: &Resource<'_>) -> Result<(), Status> {
        self.scope_settled.store(true, Ordering::Release);
        if self.policy.allow.iter().any(|rule| self.satisfies(rule, Some(resource))) {
            return Ok(());
        }
        tracing::info!(method = self.policy.path, principal = self.principal_key(), "denied: not theirs");
        let message = "you may not do this to this resource, or it does not exist";
        Err(status::error(Code::PermissionDenied, "RESOURCE_NOT_ALLOWED", message))
    }

    /// What of a list the contract lets the caller see.
    pub fn visibility(&self) -> Visibility {
        self.scope_settled.store(true, Ordering::Release);
        let matching = || self.policy.allow.iter().filter(|rule| self.satisfies(rule, None));
        if matching().any(|rule| scope_of(rule) == Scope::None) {
            return Visibility::All;
        }
        let Principal::User(claims) = &self.principal else { return Visibility::Sellers(Vec::new()) };
        if matching().any(|rule| scope_of(rule) == Scope::Owner) {
            return Visibility::Owner(claims.subject.clone());
        }
        let sellers = claims.bindings.iter().filter(|binding| binding.scope.starts_with("sellers/"));
        Visibility::Sellers(sellers.map(|binding| binding.scope.clone()).collect())
    }

    /// Whether the caller matches some rule before the resource is known.
    pub(super) fn may_enter(&self) -> bool {
        self.policy.allow.iter().any(|rule| self.satisfies(rule, None))
    }

    /// Whether a handler that answered had no need to name a resource, or did.
    pub(super) fn scope_is_settled(&self) -> bool {
        let mut matching = self.policy.allow.iter().filter(|rule| self.satisfies(rule, None));
        self.scope_settled.load(Ordering::Acquire) || matching.any(|rule| scope_of(rule) == Scope::None)
    }

    /// Whether a rule holds; without a resource, its scope is left open.
    fn satisfies(&self, rule: &AllowRule, resource: Option<&Resource<'_>>) -> bool {
        match (rule, &self.principal) {
            (AllowRule::Anyone, _) | (AllowRule::Workload, Principal::Workload(_)) => true,
            (AllowRule::SignedIn { scope }, Principal::User(claims)) => {
                resource.is_none_or(|resource| bound(*scope, resource, &claims.subject, ""))
            }
            (AllowRule::Role { role, scope }, Principal::User(claims)) => {
                let mut held = claims.bindings.iter().filter(|binding| binding.role == *role);
                held.any(|binding| {
                    resource.is_none_or(|resource| bound(*scope, resource, &claims.subject, &binding.scope))
                })
            }
            // An operator's certificate is the role on everything, but owns nothing.
            (AllowRule::Role { role: Role::Operator, scope }, Principal::Operator(_)) => {
                *scope != Scope::Owner
            }
            _ => false,
        }
    }
}

/// Whether a grant reaches a resource.
fn bound(scope: Scope, resource: &Resource<'_>, subject: &str, grant: &str) -> bool {
    // A grant without a scope is for the whole deployment.
    let reaches = |name: Option<&str>| name.is_some_and(|name| grant.is_empty() || name == grant);
    match scope {
        Scope::None => true,
        Scope::Owner => resource.owner == Some(subject),
        Scope::Seller => reaches(resource.seller),
        Scope::Channel => reaches(resource.channel),
    }
}

fn scope_of(rule: &AllowRule) -> Scope {
    match rule {
        AllowRule::Anyone | AllowRule::Workload => Scope::None,
        AllowRule::SignedIn { scope } | AllowRule::Role { scope, .. } => *scope,
    }
}

#[cfg(test)]
mod tests;
