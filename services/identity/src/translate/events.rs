//! What others are told. None of it holds an address or a name.

use shopmesh_proto::identity::v1 as pb;

use super::rpc;
use crate::{
    domain::{roles::RoleBinding, session::EndReason},
    ids::{SessionId, UserId},
};

/// An account was opened.
pub fn user_created(user: &UserId) -> pb::UserCreated {
    pb::UserCreated { user: user.name() }
}

/// Somebody signed up with the address of `user`.
pub fn sign_up_repeated(user: &UserId) -> pb::SignUpRepeated {
    pb::SignUpRepeated { user: user.name() }
}

/// A profile changed.
pub fn user_updated(user: &UserId) -> pb::UserUpdated {
    pb::UserUpdated { user: user.name() }
}

/// An account has a role now.
pub fn role_granted(user: &UserId, binding: &RoleBinding) -> pb::RoleGranted {
    pb::RoleGranted { user: user.name(), binding: Some(rpc::binding(binding)) }
}

/// An account has a role no more.
pub fn role_revoked(user: &UserId, binding: &RoleBinding) -> pb::RoleRevoked {
    pb::RoleRevoked { user: user.name(), binding: Some(rpc::binding(binding)) }
}

/// A session ended before its time.
pub fn session_revoked(user: &UserId, session: &SessionId, reason: EndReason) -> pb::SessionRevoked {
    let reason = match reason {
        EndReason::SignedOut => pb::SessionRevocationReason::SignedOut,
        EndReason::TokenReused => pb::SessionRevocationReason::TokenReused,
        EndReason::Displaced => pb::SessionRevocationReason::Displaced,
    };
    pb::SessionRevoked { user: user.name(), session: session.name(), reason: reason.into() }
}
