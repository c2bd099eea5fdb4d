//! Who may hold which role, bound to what.

use shopmesh_kit::error::{Error, Result};

use super::limits::MAX_BINDINGS;

/// What somebody is to the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A customer.
    Shopper,
    /// Staff of one seller.
    Seller,
    /// Staff of the deployment.
    Operator,
}

/// A role and what it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleBinding {
    /// The role.
    pub role: Role,
    /// `sellers/...`, or empty for the whole deployment.
    pub scope: String,
}

/// The binding of everybody who signs up.
pub fn of_a_new_account() -> RoleBinding {
    RoleBinding { role: Role::Shopper, scope: String::new() }
}

/// Checks the scope of a binding. A seller's must name the seller; the other roles are for the whole deployment,
/// since no contract narrows them and a narrow looking grant would give everything.
///
/// # Errors
/// INVALID_ARGUMENT naming `binding.scope`.
pub fn check_scope(binding: &RoleBinding) -> Result<()> {
    let refuse = |problem: &str| Err(Error::invalid("binding.scope", problem));
    match binding.role {
        Role::Seller if !binding.scope.starts_with("sellers/") => {
            refuse("must name the seller: sellers/<id>")
        }
        Role::Shopper | Role::Operator if !binding.scope.is_empty() => {
            refuse("must be empty: this role is for the whole deployment")
        }
        _ => Ok(()),
    }
}

/// Decides whether an account that holds `held` may get `wanted`; `false` when it has it already.
///
/// # Errors
/// INVALID_ARGUMENT as [`check_scope`]; FAILED_PRECONDITION when the account holds too many.
pub fn grant(user: &str, held: &[RoleBinding], wanted: &RoleBinding) -> Result<bool> {
    check_scope(wanted)?;
    if held.contains(wanted) {
        return Ok(false);
    }
    if held.len() >= MAX_BINDINGS {
        let problem = format!("an account holds at most {MAX_BINDINGS} roles; revoke one first");
        return Err(Error::precondition("LIMIT", user, problem));
    }
    Ok(true)
}

/// Decides whether an account that holds `held` may lose `unwanted`; `false` when it does not have it.
///
/// # Errors
/// FAILED_PRECONDITION when nobody else would be an operator.
pub fn revoke(
    user: &str,
    held: &[RoleBinding],
    unwanted: &RoleBinding,
    other_operators: i64,
) -> Result<bool> {
    if !held.contains(unwanted) {
        return Ok(false);
    }
    if unwanted.role == Role::Operator && other_operators == 0 {
        return Err(Error::precondition(
            "STATE",
            user,
            "is the last operator; grant the role to somebody else first",
        ));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use shopmesh_kit::error::ErrorKind;

    use super::*;

    fn binding(role: Role, scope: &str) -> RoleBinding {
        RoleBinding { role, scope: scope.to_owned() }
    }

    #[test]
    fn scopes() {
        for (role, scope, right) in [
            (Role::Shopper, "", true),
            (Role::Shopper, "channels/us", false),
            (Role::Seller, "", false),
            (Role::Seller, "channels/us", false),
            (Role::Seller, "sellers/house", true),
            (Role::Operator, "", true),
            (Role::Operator, "channels/us", false),
            (Role::Operator, "sellers/house", false),
        ] {
            assert_eq!(check_scope(&binding(role, scope)).is_ok(), right, "{role:?} {scope}");
        }
    }

    #[test]
    fn grants_are_idempotent_and_limited() {
        let held: Vec<_> =
            (0..MAX_BINDINGS).map(|n| binding(Role::Seller, &format!("sellers/s{n}"))).collect();
        assert!(!grant("u", &held, &held[3]).unwrap());
        assert!(grant("u", &held[1..], &held[0]).unwrap());
        let error = grant("u", &held, &binding(Role::Operator, "")).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "LIMIT"));
    }

    #[test]
    fn the_last_operator_stays() {
        let held = [binding(Role::Operator, ""), binding(Role::Shopper, "")];
        assert!(revoke("u", &held, &held[0], 0).is_err());
        assert!(revoke("u", &held, &held[0], 1).unwrap());
        assert!(revoke("u", &held, &held[1], 0).unwrap());
        assert!(!revoke("u", &held[1..], &held[0], 0).unwrap());
    }
}
