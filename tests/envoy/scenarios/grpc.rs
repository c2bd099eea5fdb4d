//! gRPC and gRPC-Web: calls that succeed, fail, do not exist, or are no calls.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Method, Request, Version};
use prost::Message;
use shopmesh_proto::{
    catalog::v1::{GetProductRequest, ListProductsRequest},
    identity::v1::SignInRequest,
    orders::v1::{AddLinesRequest, GetCartRequest},
};

use super::{Facts, Scenario};
use crate::support::grpc::{Protocol, call, frame};

const GET_PRODUCT: &str = "/shopmesh.catalog.v1.ProductService/GetProduct";

pub fn scenarios(facts: &Facts) -> Vec<Scenario> {
    let product = GetProductRequest { name: facts.product.clone() }.encode_to_vec();
    let mut scenarios = Vec::new();
    for protocol in Protocol::ALL {
        let mut add = |what: &str, path: &str, token: Option<&str>, message: &[u8]| {
            scenarios
                .push(Scenario::of(&format!("{protocol:?}: {what}"), call(protocol, path, token, message)));
        };
        add("a product", GET_PRODUCT, None, &product);
        add("a page", "/shopmesh.catalog.v1.ProductService/ListProducts", None, &page());
        add("no product", GET_PRODUCT, None, &no_product());
        add("no name", GET_PRODUCT, None, &[]);
        add("no protobuf", GET_PRODUCT, None, &[0xff; 9]);
        add("nobody", "/shopmesh.orders.v1.CartService/ListCarts", None, &[]);
        add("a bad token", "/shopmesh.orders.v1.CartService/ListCarts", Some("x"), &[]);
        add("a shopper", "/shopmesh.orders.v1.CartService/ListCarts", Some(&facts.shopper), &[]);
        add("another's", "/shopmesh.orders.v1.CartService/GetCart", Some(&facts.operator), &cart(facts));
        add("not allowed", "/shopmesh.identity.v1.UserService/ListUsers", Some(&facts.shopper), &[]);
        add("two violations", "/shopmesh.orders.v1.CartService/AddLines", Some(&facts.shopper), &no_lines());
        add("wrong password", "/shopmesh.identity.v1.AuthService/SignIn", None, &credentials());
        add("health", "/grpc.health.v1.Health/Check", None, &[]);
        // Not there, or not for the public.
        add("no method", "/shopmesh.catalog.v1.ProductService/Nothing", None, &[]);
        add("no service", "/shopmesh.catalog.v1.Nothing/GetProduct", None, &[]);
        add("internal", "/shopmesh.catalog.v1.QuoteService/QuoteVariants", None, &[]);
        add(
            "internal, signed in",
            "/shopmesh.payments.v1.PaymentFlowService/AuthorizePayment",
            Some(&facts.operator),
            &[],
        );
        add("events", "/shopmesh.events.v1.EventLogService/ReadEvents", None, &[]);
        add("no path", "/", None, &[]);
        add("a REST path", "/v1/products", None, &[]);
        add("a trailing slash", &format!("{GET_PRODUCT}/"), None, &product);
        add("two slashes", &format!("/{GET_PRODUCT}"), None, &product);
        add("a query", &format!("{GET_PRODUCT}?x=1"), None, &product);
        add("a long message", GET_PRODUCT, None, &long());
        scenarios.extend(damaged(protocol, &product));
        scenarios.extend(headers(protocol, &product));
    }
    scenarios.extend(web_text(&product));
    scenarios
}

fn page() -> Vec<u8> {
    ListProductsRequest { page_size: 3, ..ListProductsRequest::default() }.encode_to_vec()
}

fn no_product() -> Vec<u8> {
    GetProductRequest { name: format!("products/prd_{}", "0".repeat(26)) }.encode_to_vec()
}

fn cart(facts: &Facts) -> Vec<u8> {
    GetCartRequest { name: facts.cart.clone() }.encode_to_vec()
}

fn no_lines() -> Vec<u8> {
    AddLinesRequest { cart: "x".into(), request_id: "x".into(), ..AddLinesRequest::default() }.encode_to_vec()
}

fn credentials() -> Vec<u8> {
    SignInRequest { email: "a@b.cd".into(), password: "wrong".into() }.encode_to_vec()
}

fn long() -> Vec<u8> {
    GetProductRequest { name: "x".repeat(1_100_000) }.encode_to_vec()
}

/// Bodies that are not one message.
fn damaged(protocol: Protocol, message: &[u8]) -> Vec<Scenario> {
    let good = frame(message);
    let mut compressed = good.clone();
    compressed[0] = 1;
    let huge = [&[0, 0xff, 0xff, 0xff, 0xff], message].concat();
    let bodies = [
        ("no body", Vec::new()),
        ("half a head", vec![0, 0]),
        ("half a message", good[..good.len() - 1].to_vec()),
        ("two messages", [good.clone(), good.clone()].concat()),
        ("a compressed message without encoding", compressed),
        ("a huge length", huge),
        ("a message and a trailer frame", [good.as_slice(), &[0x80, 0, 0, 0, 0]].concat()),
    ];
    let scenario = |(what, body): (&str, Vec<u8>)| {
        let mut request = call(protocol, GET_PRODUCT, None, message);
        let body = if protocol == Protocol::WebText { STANDARD.encode(body).into() } else { body };
        *request.body_mut() = body.into();
        Scenario::of(&format!("{protocol:?}: {what}"), request)
    };
    bodies.into_iter().map(scenario).collect()
}

/// Content types, methods, versions and deadlines.
fn headers(protocol: Protocol, message: &[u8]) -> Vec<Scenario> {
    let with = |what: &str, change: &dyn Fn(&mut Request<bytes::Bytes>)| {
        let mut request = call(protocol, GET_PRODUCT, None, message);
        change(&mut request);
        Scenario::of(&format!("{protocol:?}: {what}"), request)
    };
    let header = |name: &'static str, value: &'static str| {
        with(&format!("{name}: {value}"), &|request| {
            request.headers_mut().insert(name, value.parse().unwrap());
        })
    };
    vec![
        header("content-type", "application/grpc+proto"),
        header("content-type", "application/grpc+json"),
        header("content-type", "application/grpcx"),
        header("content-type", "application/grpc;charset=utf-8"),
        header("content-type", "application/grpc-web"),
        header("content-type", "application/grpc-web+proto; charset=utf-8"),
        header("content-type", "Application/Grpc-Web"),
        header("content-type", "application/grpc-web+json"),
        header("content-type", "application/grpc-web-text+proto"),
        header("content-type", "application/json"),
        header("content-type", "application/proto"),
        header("accept", "application/grpc-web-text"),
        header("accept", "*/*"),
        header("grpc-timeout", "99999999H"),
        header("grpc-timeout", "nonsense"),
        header("grpc-timeout", "123456789S"),
        header("grpc-encoding", "gzip"),
        header("grpc-accept-encoding", "gzip"),
        header("x-bin", "AAAA"),
        header("te", "gzip"),
        with("without te", &|request| {
            request.headers_mut().remove("te");
        }),
        with("GET", &|request| *request.method_mut() = Method::GET),
        with("PUT", &|request| *request.method_mut() = Method::PUT),
        with("HTTP/1.1", &|request| *request.version_mut() = Version::HTTP_11),
        with("HTTP/2", &|request| *request.version_mut() = Version::HTTP_2),
    ]
}

/// Base64 in all its forms.
fn web_text(message: &[u8]) -> Vec<Scenario> {
    let framed = frame(message);
    let encoded = STANDARD.encode(&framed);
    let pieces = [&framed[..1], &framed[1..5], &framed[5..]].map(|piece| STANDARD.encode(piece)).concat();
    let bodies = [
        ("padded pieces", pieces),
        ("no padding", encoded.trim_end_matches('=').to_owned()),
        ("not base64", "@@@@".to_owned()),
        ("half a quantum", encoded[..6].to_owned()),
        ("with a new line", format!("{}\n{}", &encoded[..8], &encoded[8..])),
        ("URL-safe letters", encoded.replace('+', "-").replace('/', "_")),
    ];
    let scenario = |(what, body): (&str, String)| {
        let mut request = call(Protocol::WebText, GET_PRODUCT, None, message);
        *request.body_mut() = body.into();
        Scenario::of(&format!("WebText: {what}"), request)
    };
    bodies.into_iter().map(scenario).collect()
}
