//! CreateAddress, GetAddress, ListAddresses, DeleteAddress.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    sealed::Sealer,
};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::identity::v1 as pb;
use tonic::{Request, Response, Status};

use super::{get_user::authorized, translate};
use crate::{
    app::App,
    domain::{address::Address, limits::MAX_ADDRESSES},
    ids::AddressName,
    store::addresses,
};

struct NewAddress {
    sealer: Sealer,
    name: AddressName,
    address: Address,
    now: Timestamp,
}

/// Adds an address.
pub async fn create(
    app: &App,
    request: Request<pb::CreateAddressRequest>,
) -> Result<Response<pb::Address>, Status> {
    let user = authorized(Call::of(&request)?, "parent", &request.get_ref().parent)?;
    let address = translate::address_from(request.into_inner().address.unwrap_or_default());
    let name = AddressName::generate(user);
    let answer = translate::address(&name, address.clone());
    let new = NewAddress { sealer: app.sealer.clone(), name, address, now: app.clock.now() };
    app.db.write(new, |tx, new| Box::pin(add(tx, new))).await?;
    Ok(Response::new(answer))
}

async fn add(tx: &mut Tx, new: &NewAddress) -> Result<()> {
    if !addresses::take_place(&mut *tx, &new.name.user).await? {
        let problem = format!("an account has at most {MAX_ADDRESSES} addresses; delete one first");
        return Err(Error::precondition("LIMIT", new.name.user.name(), problem));
    }
    addresses::insert(tx, &new.sealer, &new.name, &new.address, new.now).await
}

/// Answers one address.
pub async fn get(
    app: &App,
    request: Request<pb::GetAddressRequest>,
) -> Result<Response<pb::Address>, Status> {
    let name = authorized_address(Call::of(&request)?, &request.get_ref().name)?;
    let address = addresses::get(&app.db, &app.sealer, &name).await?;
    Ok(Response::new(translate::address(&name, address)))
}

/// Answers all addresses of an account.
pub async fn list(
    app: &App,
    request: Request<pb::ListAddressesRequest>,
) -> Result<Response<pb::ListAddressesResponse>, Status> {
    let user = authorized(Call::of(&request)?, "parent", &request.get_ref().parent)?;
    let addresses = addresses::list(&app.db, &app.sealer, &user).await?;
    let addresses = addresses.into_iter().map(|(name, address)| translate::address(&name, address)).collect();
    Ok(Response::new(pb::ListAddressesResponse { addresses }))
}

/// Deletes an address.
pub async fn delete(app: &App, request: Request<pb::DeleteAddressRequest>) -> Result<Response<()>, Status> {
    let name = authorized_address(Call::of(&request)?, &request.get_ref().name)?;
    app.db.write(name, |tx, name| Box::pin(remove(tx, name))).await?;
    Ok(Response::new(()))
}

async fn remove(tx: &mut Tx, name: &AddressName) -> Result<()> {
    if addresses::delete(tx, name).await? { Ok(()) } else { Err(Error::not_found(&name.name())) }
}

/// The address a request names, if its caller may have it.
fn authorized_address(call: &Call, name: &str) -> Result<AddressName, Status> {
    let name = AddressName::parse_field("name", &call.resolve_me(name)?)?;
    call.authorize(&Resource { owner: Some(&name.user.name()), ..Resource::default() })?;
    Ok(name)
}
