//! The RPCs of this service: one file each, delegated to from the generated traits.

mod addresses;
mod batch_get_contacts;
mod get_jwks;
mod get_user;
mod grant_role;
mod list_sessions;
mod list_users;
mod origin;
mod read_revocations;
mod refresh_session;
mod revoke_role;
mod session;
mod sign_in;
mod sign_out;
mod sign_up;
pub mod translate;
mod update_user;

pub use get_jwks::MEDIA_TYPE as JWKS_TYPE;
pub use origin::Origin;

use std::sync::Arc;

use shopmesh_proto::{
    google::api::HttpBody,
    identity::v1::{
        Address, BatchGetContactsRequest, BatchGetContactsResponse, CreateAddressRequest,
        DeleteAddressRequest, GetAddressRequest, GetJwksRequest, GetUserRequest, GrantRoleRequest,
        ListAddressesRequest, ListAddressesResponse, ListSessionsRequest, ListSessionsResponse,
        ListUsersRequest, ListUsersResponse, ReadRevocationsRequest, ReadRevocationsResponse,
        RefreshSessionRequest, RevokeRoleRequest, SignInRequest, SignOutRequest, SignUpRequest,
        SignUpResponse, TokenSet, UpdateUserRequest, User,
        access_service_server::{AccessService, AccessServiceServer},
        auth_service_server::{AuthService, AuthServiceServer},
        revocation_service_server::{RevocationService, RevocationServiceServer},
        user_directory_service_server::{UserDirectoryService, UserDirectoryServiceServer},
        user_service_server::{UserService, UserServiceServer},
    },
};
use tonic::{Request, Response, Status, service::Routes};

use crate::app::App;

/// Serves the services of the contract.
#[derive(Clone)]
struct Rpcs(Arc<App>);

/// Their routes.
pub fn routes(app: Arc<App>) -> Routes {
    let rpcs = Rpcs(app);
    Routes::new(UserServiceServer::new(rpcs.clone()))
        .add_service(AuthServiceServer::new(rpcs.clone()))
        .add_service(AccessServiceServer::new(rpcs.clone()))
        .add_service(RevocationServiceServer::new(rpcs.clone()))
        .add_service(UserDirectoryServiceServer::new(rpcs))
}

#[tonic::async_trait]
impl UserService for Rpcs {
    async fn sign_up(&self, request: Request<SignUpRequest>) -> Result<Response<SignUpResponse>, Status> {
        sign_up::sign_up(&self.0, request).await
    }

    async fn get_user(&self, request: Request<GetUserRequest>) -> Result<Response<User>, Status> {
        get_user::get_user(&self.0, request).await
    }

    async fn list_users(
        &self,
        request: Request<ListUsersRequest>,
    ) -> Result<Response<ListUsersResponse>, Status> {
        list_users::list_users(&self.0, request).await
    }

    async fn update_user(&self, request: Request<UpdateUserRequest>) -> Result<Response<User>, Status> {
        update_user::update_user(&self.0, request).await
    }

    async fn create_address(
        &self,
        request: Request<CreateAddressRequest>,
    ) -> Result<Response<Address>, Status> {
        addresses::create(&self.0, request).await
    }

    async fn get_address(&self, request: Request<GetAddressRequest>) -> Result<Response<Address>, Status> {
        addresses::get(&self.0, request).await
    }

    async fn list_addresses(
        &self,
        request: Request<ListAddressesRequest>,
    ) -> Result<Response<ListAddressesResponse>, Status> {
        addresses::list(&self.0, request).await
    }

    async fn delete_address(&self, request: Request<DeleteAddressRequest>) -> Result<Response<()>, Status> {
        addresses::delete(&self.0, request).await
    }
}

#[tonic::async_trait]
impl AuthService for Rpcs {
    async fn sign_in(&self, request: Request<SignInRequest>) -> Result<Response<TokenSet>, Status> {
        sign_in::sign_in(&self.0, request).await
    }

    async fn refresh_session(
        &self,
        request: Request<RefreshSessionRequest>,
    ) -> Result<Response<TokenSet>, Status> {
        refresh_session::refresh_session(&self.0, request).await
    }

    async fn sign_out(&self, request: Request<SignOutRequest>) -> Result<Response<()>, Status> {
        sign_out::sign_out(&self.0, request).await
    }

    async fn list_sessions(
        &self,
        request: Request<ListSessionsRequest>,
    ) -> Result<Response<ListSessionsResponse>, Status> {
        list_sessions::list_sessions(&self.0, request).await
    }

    async fn get_jwks(&self, _: Request<GetJwksRequest>) -> Result<Response<HttpBody>, Status> {
        Ok(get_jwks::get_jwks(&self.0))
    }
}

#[tonic::async_trait]
impl AccessService for Rpcs {
    async fn grant_role(&self, request: Request<GrantRoleRequest>) -> Result<Response<User>, Status> {
        grant_role::grant_role(&self.0, request).await
    }

    async fn revoke_role(&self, request: Request<RevokeRoleRequest>) -> Result<Response<User>, Status> {
        revoke_role::revoke_role(&self.0, request).await
    }
}

#[tonic::async_trait]
impl RevocationService for Rpcs {
    async fn read_revocations(
        &self,
        request: Request<ReadRevocationsRequest>,
    ) -> Result<Response<ReadRevocationsResponse>, Status> {
        read_revocations::read_revocations(&self.0, request).await
    }
}

#[tonic::async_trait]
impl UserDirectoryService for Rpcs {
    async fn batch_get_contacts(
        &self,
        request: Request<BatchGetContactsRequest>,
    ) -> Result<Response<BatchGetContactsResponse>, Status> {
        batch_get_contacts::batch_get_contacts(&self.0, request).await
    }
}
