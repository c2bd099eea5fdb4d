//! A good request of every RPC, about something that the first shopper owns or the first seller sells. Each is new, so that
//! it can be sent once as it is, and again as a repeat.

mod catalog;
mod identity;
mod inventory;
mod orders;
mod others;
mod payments;

use serde_json::Value;
use shopmesh_proto::policy::MethodPolicy;

use super::world::World;

/// A request that succeeds for whom the contract allows, unless it asks for what this build does not have.
pub struct Example {
    pub body: Value,
    /// `users/...` whose it is.
    pub owner: String,
    /// `sellers/...` who sells it.
    pub seller: String,
    /// Whether it names nothing and shows everything that the caller may see.
    pub is_listing: bool,
    /// Whether nobody finds it: an application without files.
    pub is_missing: bool,
}

impl Example {
    fn listing(self) -> Self {
        Self { is_listing: true, ..self }
    }
}

/// An example of an RPC, if there is one.
pub async fn of(policy: &MethodPolicy, world: &World) -> Option<Example> {
    let method = policy.path.trim_start_matches("/shopmesh.");
    let body = match policy.domain.as_str() {
        "catalog" => catalog::body(method, world).await,
        "identity" => identity::body(method, world).await,
        "inventory" => inventory::body(method, world).await,
        "orders" => orders::body(method, world).await,
        "payments" => payments::body(method, world).await,
        _ => others::body(method, world).await,
    }?;
    let super::caller::Who::User(owner, _) = &world.shopper.who else {
        unreachable!("the shopper is a user")
    };
    let (owner, seller) = (owner.clone(), super::world::SELLER.to_owned());
    let is_missing = policy.method == "GetApp" && !others::has_app();
    let example = Example { body, owner, seller, is_listing: false, is_missing };
    // A list of everything names no resource; a list below one does.
    let names_nothing = example.body.as_object().is_some_and(serde_json::Map::is_empty);
    Some(if policy.method.starts_with("List") && names_nothing { example.listing() } else { example })
}
