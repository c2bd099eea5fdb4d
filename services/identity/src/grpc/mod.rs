//! What can be asked, one file an RPC.

mod addresses;
mod attempts;
mod batch_get_contacts;
mod get_jwks;
mod get_user;
mod list_sessions;
mod list_users;
mod origin;
mod read_revocations;
mod refresh_session;
mod roles;
mod sign_in;
mod sign_out;
mod sign_up;
mod update_user;

pub use get_jwks::document as jwks_document;

use shopmesh_kit::rpcs;
use shopmesh_proto::{
    google::api::HttpBody,
    identity::v1::{
        access_service_server::{AccessService, AccessServiceServer},
        auth_service_server::{AuthService, AuthServiceServer},
        revocation_service_server::{RevocationService, RevocationServiceServer},
        user_directory_service_server::{UserDirectoryService, UserDirectoryServiceServer},
        user_service_server::{UserService, UserServiceServer},
        *,
    },
};

use crate::app::App;

rpcs! {
    App;
    UserService in UserServiceServer {
        sign_up(SignUpRequest) -> SignUpResponse = sign_up::answer,
        get_user(GetUserRequest) -> User = get_user::answer,
        list_users(ListUsersRequest) -> ListUsersResponse = list_users::answer,
        update_user(UpdateUserRequest) -> User = update_user::answer,
        create_address(CreateAddressRequest) -> Address = addresses::create,
        get_address(GetAddressRequest) -> Address = addresses::get,
        list_addresses(ListAddressesRequest) -> ListAddressesResponse = addresses::list,
        delete_address(DeleteAddressRequest) -> () = addresses::delete,
    }
    AuthService in AuthServiceServer {
        sign_in(SignInRequest) -> TokenSet = sign_in::answer,
        refresh_session(RefreshSessionRequest) -> TokenSet = refresh_session::answer,
        sign_out(SignOutRequest) -> () = sign_out::answer,
        list_sessions(ListSessionsRequest) -> ListSessionsResponse = list_sessions::answer,
        get_jwks(GetJwksRequest) -> HttpBody = get_jwks::answer,
    }
    AccessService in AccessServiceServer {
        grant_role(GrantRoleRequest) -> User = roles::grant,
        revoke_role(RevokeRoleRequest) -> User = roles::revoke,
    }
    RevocationService in RevocationServiceServer {
        read_revocations(ReadRevocationsRequest) -> ReadRevocationsResponse = read_revocations::answer,
    }
    UserDirectoryService in UserDirectoryServiceServer {
        batch_get_contacts(BatchGetContactsRequest) -> BatchGetContactsResponse = batch_get_contacts::answer,
    }
}
