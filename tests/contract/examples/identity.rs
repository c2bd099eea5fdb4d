//! Examples of identity.

use serde_json::{Value, json};

use crate::{
    contract::{caller::Who, world::World},
    support::Account,
};

pub async fn body(method: &str, world: &World) -> Option<Value> {
    let Who::User(shopper, _) = &world.shopper.who else { return None };
    let credentials = json!({"email": "ada@example.com", "password": "a long password"});
    Some(match method {
        "identity.v1.UserService/SignUp" => {
            json!({"email": format!("new{}@example.com", world.unique()), "password": "a long password"})
        }
        "identity.v1.UserService/GetUser" => json!({"name": shopper}),
        "identity.v1.UserService/ListUsers"
        | "identity.v1.AuthService/ListSessions"
        | "identity.v1.AuthService/GetJwks"
        | "identity.v1.RevocationService/ReadRevocations" => json!({}),
        "identity.v1.UserService/UpdateUser" => {
            json!({"user": {"name": shopper, "displayName": "Ada"}, "updateMask": "displayName"})
        }
        "identity.v1.UserService/CreateAddress" => json!({"parent": shopper, "address": address()}),
        "identity.v1.UserService/ListAddresses" => json!({"parent": shopper}),
        "identity.v1.UserService/GetAddress" | "identity.v1.UserService/DeleteAddress" => {
            let address = json!({"parent": shopper, "address": address()});
            let address = world.shopper.ok("identity.v1.UserService/CreateAddress", address).await;
            json!({"name": address["name"]})
        }
        "identity.v1.UserDirectoryService/BatchGetContacts" => json!({"names": [shopper]}),
        "identity.v1.AuthService/SignIn" => credentials,
        // Each spends the token of a session of its own.
        "identity.v1.AuthService/RefreshSession" | "identity.v1.AuthService/SignOut" => {
            let session = Account::sign_in(&world.shop, "ada@example.com", "a long password");
            json!({"refreshToken": session.refresh_token})
        }
        "identity.v1.AccessService/GrantRole" | "identity.v1.AccessService/RevokeRole" => {
            let Who::User(user, _) = &world.other_shopper.who else { return None };
            json!({"user": user, "binding": {"role": "ROLE_SELLER", "scope": format!("sellers/s{}", world.unique())}})
        }
        _ => return None,
    })
}

fn address() -> Value {
    json!({"recipient": "Ada", "lines": ["1 Harbour Street"], "locality": "Portland", "regionCode": "US"})
}
