//! What other services answer.

use std::collections::HashMap;

use shopmesh_proto::identity::v1 as identity;

/// Addresses by `users/...`. The names that people gave themselves are left out: nothing says them.
pub fn addresses(contacts: Vec<identity::Contact>) -> HashMap<String, String> {
    contacts.into_iter().map(|contact| (contact.user, contact.email)).collect()
}
