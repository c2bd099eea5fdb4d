use shopmesh_proto::policy::PolicyTable;

use super::*;
use crate::server::RoleBinding;

fn user(subject: &str, bindings: &[(Role, &str)]) -> Principal {
    let bindings = bindings
        .iter()
        .map(|(role, scope)| RoleBinding { role: *role, scope: (*scope).to_owned() })
        .collect();
    Principal::User(Claims {
        subject: subject.to_owned(),
        session: String::new(),
        bindings,
        account_version: 1,
        expires_at: 0,
    })
}

fn call(path: &str, principal: Principal) -> Call {
    let policy = PolicyTable::global().method(path).unwrap();
    Call::new(SpiffeId::edge("main"), principal, policy, Instant::now(), String::new())
}

const GET_ORDER: &str = "/shopmesh.orders.v1.OrderService/GetOrder";
const CREATE_PRODUCT: &str = "/shopmesh.catalog.v1.ProductService/CreateProduct";
const RESERVE: &str = "/shopmesh.inventory.v1.ReservationService/Reserve";
const GET_PRODUCT: &str = "/shopmesh.catalog.v1.ProductService/GetProduct";

#[test]
fn an_owner_sees_what_is_theirs_and_an_operator_everything() {
    let order = Resource { owner: Some("users/ada"), ..Resource::default() };
    let ada = call(GET_ORDER, user("users/ada", &[(Role::Shopper, "")]));
    assert!(ada.may_enter() && !ada.scope_is_settled());
    assert!(ada.authorize(&order).is_ok() && ada.scope_is_settled());
    assert_eq!(ada.visibility(), Visibility::Owner("users/ada".into()));

    let eve = call(GET_ORDER, user("users/eve", &[(Role::Shopper, "")]));
    assert_eq!(eve.authorize(&order).unwrap_err().code(), tonic::Code::PermissionDenied);
    assert!(eve.authorize(&Resource::default()).is_err(), "what has no owner is nobody's");

    for operator in [user("users/op", &[(Role::Operator, "")]), Principal::Operator("cli".into())] {
        let operator = call(GET_ORDER, operator);
        assert!(operator.authorize(&order).is_ok() && operator.scope_is_settled());
        assert_eq!(operator.visibility(), Visibility::All);
    }
    assert!(!call(GET_ORDER, Principal::Anonymous).may_enter());
    assert!(!call(GET_ORDER, user("users/x", &[(Role::Seller, "sellers/x")])).may_enter());
}

#[test]
fn a_seller_is_bound_to_a_seller() {
    let product = |seller| Resource { seller: Some(seller), ..Resource::default() };
    let seller = call(CREATE_PRODUCT, user("users/sal", &[(Role::Seller, "sellers/sal")]));
    assert!(seller.authorize(&product("sellers/sal")).is_ok());
    assert!(seller.authorize(&product("sellers/house")).is_err());
    assert!(!call(CREATE_PRODUCT, user("users/ada", &[(Role::Shopper, "")])).may_enter());
}

#[test]
fn workloads_and_public_calls() {
    let orders = call(RESERVE, Principal::Workload(ServiceName::Orders));
    assert!(orders.may_enter() && orders.scope_is_settled());
    assert!(!call(RESERVE, Principal::Operator("cli".into())).may_enter());
    let anyone = call(GET_PRODUCT, Principal::Anonymous);
    assert!(anyone.may_enter() && anyone.scope_is_settled());
}

#[test]
fn me_is_the_caller() {
    let ada = call(GET_ORDER, user("users/ada", &[]));
    assert_eq!(ada.resolve_me("users/me").unwrap(), "users/ada");
    assert_eq!(ada.resolve_me("users/me/addresses/adr_1").unwrap(), "users/ada/addresses/adr_1");
    assert_eq!(ada.resolve_me("users/metoo").unwrap(), "users/metoo");
    assert!(call(GET_ORDER, Principal::Anonymous).resolve_me("users/me").is_err());
}
