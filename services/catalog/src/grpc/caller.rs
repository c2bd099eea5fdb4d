//! Who calls, as far as visibility of products goes.

use shopmesh_mesh::server::{Call, Principal};
use shopmesh_proto::policy::Role;

use crate::store::products::Audience;

/// Staff see every product, sellers their own besides, everybody the active ones.
pub fn audience(call: &Call) -> Audience {
    if call.has_role(Role::Operator) {
        return Audience::Staff;
    }
    let Principal::User(claims) = &call.principal else { return Audience::Public };
    let sellers: Vec<String> = claims
        .bindings
        .iter()
        .filter(|binding| binding.role == Role::Seller)
        .map(|binding| binding.scope.clone())
        .collect();
    if sellers.is_empty() { Audience::Public } else { Audience::Sellers(sellers) }
}
