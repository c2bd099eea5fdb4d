//! The policy table: what every RPC of the contracts allows and promises, read from the options in the `.proto`
//! files. Peer authorization, retries, deadlines, the edge's YAML and the negative tests all follow from it.

mod built_in;
mod method;
mod read;

pub use crate::contracts::shopmesh::policy::v1;
pub use method::{AllowRule, MethodPolicy, RateClass, RetryClass, Role, Scope};
pub use shopmesh_json::http_rule::HttpBinding;

use std::{collections::BTreeMap, sync::LazyLock};

/// Policies by RPC path.
#[derive(Debug)]
pub struct PolicyTable(BTreeMap<String, MethodPolicy>);

impl PolicyTable {
    /// The table of all contracts, with built-in policies for the standard health and reflection services.
    pub fn global() -> &'static Self {
        static TABLE: LazyLock<PolicyTable> = LazyLock::new(|| {
            let methods = read::methods(crate::descriptor_pool()).into_iter().chain(built_in::methods());
            PolicyTable(methods.map(|policy| (policy.path.clone(), policy)).collect())
        });
        &TABLE
    }

    /// The policy of an RPC by its path, such as `/shopmesh.orders.v1.OrderService/GetOrder`.
    pub fn method(&self, path: &str) -> Option<&MethodPolicy> {
        self.0.get(path)
    }

    /// Every RPC, by path.
    pub fn methods(&self) -> impl Iterator<Item = &MethodPolicy> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests;
