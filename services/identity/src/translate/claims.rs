//! What access tokens say of roles, as policies name them.

use shopmesh_mesh::server;
use shopmesh_proto::policy;

use crate::domain::roles::{Role, RoleBinding};

/// The role of policies.
pub fn role(role: Role) -> policy::Role {
    match role {
        Role::Shopper => policy::Role::Shopper,
        Role::Seller => policy::Role::Seller,
        Role::Operator => policy::Role::Operator,
    }
}

/// The binding of a policy's role.
pub fn binding_from(given: &server::RoleBinding) -> RoleBinding {
    let role = match given.role {
        policy::Role::Shopper => Role::Shopper,
        policy::Role::Seller => Role::Seller,
        policy::Role::Operator => Role::Operator,
    };
    RoleBinding { role, scope: given.scope.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_round_trip() {
        for given in policy::Role::ALL {
            let held = binding_from(&server::RoleBinding { role: given, scope: String::new() });
            assert_eq!(role(held.role), given);
        }
    }
}
