//! Names of this service's resources.

use shopmesh_kit::{
    error::{Error, Result},
    typed_id,
};

typed_id!(
    /// An account.
    pub UserId, "users", "usr"
);
typed_id!(
    /// A session.
    pub SessionId, "sessions", "ses"
);
typed_id!(
    /// A key that signs access tokens.
    pub SigningKeyId, "keys", "key"
);
typed_id!(
    /// An address, of whomever it is.
    pub AddressId, "addresses", "adr"
);

/// `users/usr_…/addresses/adr_…`: an address belongs to its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressName {
    /// Whose it is.
    pub user: UserId,
    /// Its own id.
    pub id: AddressId,
}

impl AddressName {
    /// A new name below `user`.
    pub fn generate(user: UserId) -> Self {
        Self { user, id: AddressId::generate() }
    }

    /// Reads a resource name given in `field`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `field` and the expected form.
    pub fn parse_field(field: &str, name: &str) -> Result<Self> {
        let split = name.find("/addresses/").map(|at| name.split_at(at));
        let (user, address) = split.ok_or_else(|| {
            Error::invalid(field, "must have the form users/usr_<ULID>/addresses/adr_<ULID>")
        })?;
        Ok(Self {
            user: UserId::parse_field(field, user)?,
            id: AddressId::parse_field(field, address.trim_start_matches('/'))?,
        })
    }

    /// The resource name.
    pub fn name(&self) -> String {
        format!("{}/{}", self.user.name(), self.id.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn address_names_round_trip() {
        let name = AddressName::generate(UserId::generate());
        assert_eq!(AddressName::parse_field("name", &name.name()).unwrap(), name);
        assert_eq!(AddressId::stored(name.id.as_str()).unwrap(), name.id);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = AddressName::parse_field("name", &text);
            let longer = format!("users/{text}//addresses/x");
            prop_assert!(AddressName::parse_field("name", &longer).is_err());
        }
    }
}
