//! Who calls, as far as products go.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::{Call, Principal, Resource};
use shopmesh_proto::policy::Role;

use crate::{app::App, domain::audience::Audience, ids::ProductId, store::products};

/// Operators see every product, sellers their own besides the active ones.
pub fn audience(call: &Call) -> Audience {
    if call.has_role(Role::Operator) {
        return Audience::Operator;
    }
    let Principal::User(claims) = &call.principal else { return Audience::Public };
    let bindings = claims.bindings.iter().filter(|binding| binding.role == Role::Seller);
    let sellers: Vec<String> = bindings.map(|binding| binding.scope.clone()).collect();
    if sellers.is_empty() { Audience::Public } else { Audience::Sellers(sellers) }
}

/// Checks that the caller may change the product `id`, and returns its seller. A seller is fixed, so what is decided here
/// holds in a transaction after it.
///
/// # Errors
/// NOT_FOUND, PERMISSION_DENIED.
pub async fn authorize(app: &App, call: &Call, id: &ProductId) -> Result<String> {
    let seller = products::get(&app.db, id).await?.seller;
    call.authorize(&Resource { seller: Some(&seller), ..Resource::default() })?;
    Ok(seller)
}
