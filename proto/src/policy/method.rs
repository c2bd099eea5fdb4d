//! What the contracts say of one RPC.

use std::time::Duration;

use shopmesh_json::http_rule::HttpBinding;

/// The policy of one RPC, with the defaults of its service filled in.
#[derive(Debug, Clone)]
pub struct MethodPolicy {
    /// `/shopmesh.orders.v1.OrderService/GetOrder`.
    pub path: String,
    /// `shopmesh.orders.v1.OrderService`.
    pub service: String,
    /// `GetOrder`.
    pub method: String,
    /// `orders`: the service process that serves it; empty for what every process serves.
    pub domain: String,
    /// Who may call; one match is enough.
    pub allow: Vec<AllowRule>,
    /// Which workloads may open the call: `edge`, `operator` or a service name.
    pub peers: Vec<String>,
    /// Whether it may be repeated.
    pub retry: RetryClass,
    /// Longest time it may run.
    pub deadline: Duration,
    /// Rate class at the edge.
    pub rate: RateClass,
    /// Each call goes to the audit log.
    pub audit: bool,
    /// REST forms.
    pub http: Vec<HttpBinding>,
    /// Media types of an answer that is a `google.api.HttpBody`.
    pub media_types: Vec<String>,
    /// Query parameters that are no fields are ignored.
    pub any_query: bool,
    /// The answer is a stream.
    pub server_streaming: bool,
    /// The request is a stream.
    pub client_streaming: bool,
}

impl MethodPolicy {
    /// Whether the edge serves it.
    pub fn is_public(&self) -> bool {
        self.peers.iter().any(|peer| peer == "edge")
    }

    /// Whether the edge serves it by REST too.
    pub fn is_rest(&self) -> bool {
        self.is_public() && !self.http.is_empty()
    }

    /// Whether a repeat cannot change anything a second time.
    pub fn mutates(&self) -> bool {
        self.retry != RetryClass::NoSideEffects
    }
}

/// One way of being allowed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowRule {
    /// No token needed.
    Anyone,
    /// Any user.
    SignedIn {
        /// What the user must be bound to.
        scope: Scope,
    },
    /// A user with a role.
    Role {
        /// The role.
        role: Role,
        /// What the role must be bound to.
        scope: Scope,
    },
    /// The peer service itself.
    Workload,
}

/// Roles a token can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A customer.
    Shopper,
    /// Staff of one seller.
    Seller,
    /// Staff of the deployment.
    Operator,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Shopper, Self::Seller, Self::Operator];

    /// The name in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shopper => "shopper",
            Self::Seller => "seller",
            Self::Operator => "operator",
        }
    }

    /// The role of a name in a token.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// What a grant must be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    None,
    /// The resource's owner is the caller.
    Owner,
    /// The role is bound to the resource's seller.
    Seller,
    /// The role is bound to the resource's channel.
    Channel,
}

/// Whether a call may be sent again when its outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Reads.
    NoSideEffects,
    /// A repeat leaves the same state.
    Idempotent,
    /// Safe by `request_id`.
    Keyed,
    /// Never, once the server may have seen it.
    Unsafe,
}

/// Rate limits at the edge, per client address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateClass {
    /// 10 requests a second, burst 20.
    Standard,
    /// Passwords and tokens.
    Credential,
    /// Not limited per RPC.
    Unlimited,
    /// Pages and what they load, apart from all other requests.
    Static,
}
