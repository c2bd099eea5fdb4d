//! The purchase through real Envoy, by REST and by gRPC-Web.

use std::net::SocketAddr;

use prost::Message;
use shopmesh_proto::{
    catalog::v1::{SearchProductsRequest, SearchProductsResponse},
    identity::v1::{SignInRequest, SignUpRequest, SignUpResponse, TokenSet},
    orders::v1::{
        Cart, Checkout, CheckoutState, CreateCartRequest, GetOrderRequest, LineItem, Order, ShippingAddress,
        StartCheckoutRequest, WatchCheckoutRequest,
    },
};

use crate::{
    purchase::purchase,
    support::{Shop, client::request_id, eventually, grpc::web},
};

#[tokio::test]
async fn a_shopper_buys_tea_through_envoy() {
    let shop = Shop::behind_envoy(&["--rate-limit", "off"]);
    purchase(&shop);
    let order = buys_by_grpc_web(shop.address(), "bea@example.com").await;
    eventually("the order mail", || shop.mails().into_iter().find(|mail| mail.contains(&order.number)));
}

/// A browser at an edge.
struct Browser {
    edge: SocketAddr,
    token: Option<String>,
}

impl Browser {
    async fn calls<M: Message + Default>(
        &self,
        method: &str,
        message: &impl Message,
    ) -> Result<Vec<M>, (i32, String)> {
        web(self.edge, &format!("/shopmesh.{method}"), self.token.as_deref(), message).await
    }

    /// The one message of a unary call.
    async fn call<M: Message + Default>(&self, method: &str, message: &impl Message) -> M {
        let mut answers = self.calls(method, message).await.unwrap();
        assert_eq!(answers.len(), 1, "{method}");
        answers.remove(0)
    }
}

async fn buys_by_grpc_web(edge: SocketAddr, email: &str) -> Order {
    let (email, password) = (email.to_owned(), "a long password".to_owned());
    let mut browser = Browser { edge, token: None };
    let sign_up = SignUpRequest { email: email.clone(), password: password.clone(), ..Default::default() };
    let _: SignUpResponse = browser.call("identity.v1.UserService/SignUp", &sign_up).await;
    let sign_in = SignInRequest { email, password };
    let tokens: TokenSet = browser.call("identity.v1.AuthService/SignIn", &sign_in).await;
    browser.token = Some(tokens.access_token);

    let search = SearchProductsRequest { query: "earl grey".into(), ..Default::default() };
    let found: SearchProductsResponse =
        browser.call("catalog.v1.ProductService/SearchProducts", &search).await;
    let line = LineItem { variant: found.hits[0].variant.clone(), quantity: 2 };
    let cart = CreateCartRequest { lines: vec![line], request_id: request_id(), ..Default::default() };
    let cart: Cart = browser.call("orders.v1.CartService/CreateCart", &cart).await;

    // A declined card is told with its code.
    let declined = browser.calls::<Checkout>(START, &checkout(&cart, "tok_decline")).await.unwrap_err();
    assert_eq!(declined.0, 9, "{declined:?}");
    let checkout: Checkout = browser.call(START, &checkout(&cart, "tok_approve")).await;
    let watch = WatchCheckoutRequest { name: checkout.name };
    let watched: Vec<Checkout> =
        browser.calls("orders.v1.CheckoutService/WatchCheckout", &watch).await.unwrap();
    let checkout = watched.last().unwrap();
    assert_eq!(checkout.state(), CheckoutState::Placed);
    let order = GetOrderRequest { name: checkout.order.clone() };
    let order: Order = browser.call("orders.v1.OrderService/GetOrder", &order).await;
    assert_eq!((order.lines[0].quantity, &order.total), (2, &cart.subtotal));
    order
}

const START: &str = "orders.v1.CheckoutService/StartCheckout";

fn checkout(cart: &Cart, payment_token: &str) -> StartCheckoutRequest {
    let shipping_address = ShippingAddress {
        recipient: "Bea".into(),
        lines: vec!["1 Harbour Street".into()],
        locality: "Portland".into(),
        region_code: "US".into(),
        ..Default::default()
    };
    StartCheckoutRequest {
        cart: cart.name.clone(),
        payment_token: payment_token.into(),
        shipping_address: Some(shipping_address),
        request_id: request_id(),
        ..Default::default()
    }
}
