//! CreateAddress, GetAddress, ListAddresses, DeleteAddress.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::identity::v1 as pb;

use super::get_user::authorized;
use crate::{
    app::App,
    ids::AddressName,
    store, translate,
    usecases::addresses::{self, NewAddress},
};

/// Adds an address.
pub async fn create(app: &App, call: &Call, request: pb::CreateAddressRequest) -> Result<pb::Address> {
    let name = AddressName::generate(authorized(call, "parent", &request.parent)?);
    let address = translate::rpc::address_from(request.address.unwrap_or_default());
    let answer = translate::rpc::address(&name, address.clone());
    let new = NewAddress { sealer: app.sealer.clone(), name, address, now: app.clock.now() };
    app.db.write(new, |tx, new| Box::pin(addresses::add(tx, new))).await?;
    Ok(answer)
}

/// One address.
pub async fn get(app: &App, call: &Call, request: pb::GetAddressRequest) -> Result<pb::Address> {
    let name = authorized_address(call, &request.name)?;
    let address = store::addresses::get(&app.db, &app.sealer, &name).await?;
    Ok(translate::rpc::address(&name, address))
}

/// All addresses of an account.
pub async fn list(
    app: &App,
    call: &Call,
    request: pb::ListAddressesRequest,
) -> Result<pb::ListAddressesResponse> {
    let user = authorized(call, "parent", &request.parent)?;
    let found = store::addresses::list(&app.db, &app.sealer, &user).await?;
    let addresses = found.into_iter().map(|(name, address)| translate::rpc::address(&name, address));
    Ok(pb::ListAddressesResponse { addresses: addresses.collect() })
}

/// Deletes an address.
pub async fn delete(app: &App, call: &Call, request: pb::DeleteAddressRequest) -> Result<()> {
    let name = authorized_address(call, &request.name)?;
    app.db.write(name, |tx, name| Box::pin(addresses::remove(tx, name))).await
}

/// The address a request names, if its caller may have it.
fn authorized_address(call: &Call, name: &str) -> Result<AddressName> {
    let name = AddressName::parse_field("name", &call.resolve_me(name)?)?;
    call.authorize(&Resource { owner: Some(&name.user.name()), ..Resource::default() })?;
    Ok(name)
}
