//! Requests and replies.

use shopmesh_kit::{
    error::{Error, Result},
    etag,
};
use shopmesh_proto::{identity::v1 as pb, policy::v1 as wire};

use crate::{
    domain::{
        address::Address,
        limits::ACCESS_LIFETIME,
        revocation::Revocation,
        roles::{Role, RoleBinding},
        session::Session,
        user::{User, UserState},
    },
    ids::AddressName,
};

/// An account as its person and operators see it.
pub fn user(user: &User) -> pb::User {
    let state = match user.state {
        UserState::Active => pb::UserState::Active,
        UserState::Suspended => pb::UserState::Suspended,
    };
    pb::User {
        name: user.id.name(),
        email: user.email.as_str().to_owned(),
        display_name: user.display_name.clone(),
        locale: user.locale.clone(),
        state: state.into(),
        role_bindings: user.bindings.iter().map(binding).collect(),
        etag: etag::of(user.version),
        create_time: Some(user.created.to_proto()),
        update_time: Some(user.updated.to_proto()),
    }
}

/// An account as services that write to its person see it.
pub fn contact(user: User) -> pb::Contact {
    pb::Contact {
        user: user.id.name(),
        email: user.email.as_str().to_owned(),
        display_name: user.display_name,
        locale: user.locale,
    }
}

/// A role and its scope.
pub fn binding(binding: &RoleBinding) -> pb::RoleBinding {
    let role = match binding.role {
        Role::Shopper => wire::Role::Shopper,
        Role::Seller => wire::Role::Seller,
        Role::Operator => wire::Role::Operator,
    };
    pb::RoleBinding { role: role.into(), scope: binding.scope.clone() }
}

/// The binding of a request.
///
/// # Errors
/// INVALID_ARGUMENT when the role is none.
pub fn binding_from(given: Option<pb::RoleBinding>) -> Result<RoleBinding> {
    let given = given.unwrap_or_default();
    let role = match given.role() {
        wire::Role::Shopper => Role::Shopper,
        wire::Role::Seller => Role::Seller,
        wire::Role::Operator => Role::Operator,
        wire::Role::Unspecified => {
            return Err(Error::invalid("binding.role", "must be SHOPPER, SELLER or OPERATOR"));
        }
    };
    Ok(RoleBinding { role, scope: given.scope })
}

/// An address of an account.
pub fn address(name: &AddressName, address: Address) -> pb::Address {
    let Address { recipient, lines, locality, administrative_area, postal_code, region_code, phone } =
        address;
    pb::Address {
        name: name.name(),
        recipient,
        lines,
        locality,
        administrative_area,
        postal_code,
        region_code,
        phone,
    }
}

/// The address of a request; its name is for us to give.
pub fn address_from(given: pb::Address) -> Address {
    let pb::Address {
        name: _,
        recipient,
        lines,
        locality,
        administrative_area,
        postal_code,
        region_code,
        phone,
    } = given;
    Address { recipient, lines, locality, administrative_area, postal_code, region_code, phone }
}

/// Void tokens as verifiers see them.
pub fn revocation(revocation: Revocation) -> pb::Revocation {
    let Revocation { position, subject, below_version, expires } = revocation;
    pb::Revocation { position, subject, below_version, expire_time: Some(expires.to_proto()) }
}

/// A session as its person sees it.
pub fn session(session: &Session) -> pb::Session {
    pb::Session {
        name: session.id.name(),
        create_time: Some(session.created.to_proto()),
        last_use_time: Some(session.last_used.to_proto()),
        expire_time: Some(session.expires.to_proto()),
    }
}

/// The tokens of a session.
pub fn token_set(session: &Session, access_token: String, refresh_token: String) -> Result<pb::TokenSet> {
    let expires_in = prost_types::Duration::try_from(ACCESS_LIFETIME).map_err(Error::internal)?;
    Ok(pb::TokenSet {
        access_token,
        refresh_token,
        token_type: "Bearer".to_owned(),
        expires_in: Some(expires_in),
        user: session.user.name(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_round_trip() {
        for role in [Role::Shopper, Role::Seller, Role::Operator] {
            let held = RoleBinding { role, scope: "sellers/house".to_owned() };
            assert_eq!(binding_from(Some(binding(&held))).unwrap(), held);
        }
        assert!(binding_from(None).is_err());
        assert!(binding_from(Some(pb::RoleBinding { role: 99, scope: String::new() })).is_err());
    }

    #[test]
    fn addresses_round_trip() {
        let name = AddressName::generate(crate::ids::UserId::generate());
        let sent = pb::Address {
            name: name.name(),
            recipient: "Ann".to_owned(),
            lines: vec!["1 Main Street".to_owned(), "Flat 2".to_owned()],
            locality: "Springfield".to_owned(),
            administrative_area: "IL".to_owned(),
            postal_code: "62701".to_owned(),
            region_code: "US".to_owned(),
            phone: "+14155550100".to_owned(),
        };
        assert_eq!(address(&name, address_from(sent.clone())), sent);
    }
}
