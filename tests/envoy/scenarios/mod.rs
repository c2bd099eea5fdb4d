//! Requests that try what an edge does by itself: reading paths, queries and bodies, tokens, browsers, gRPC in all its forms.

mod bodies;
mod browsers;
mod grpc;
mod headers;
mod paths;
mod queries;
mod streams;
mod tokens;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Version};

use super::{
    compare::{Case, Comparison},
    pair::Pair,
    view::Bodies,
};
use crate::{
    contract::world::World,
    support::http::{authorize, request},
};

/// What the requests are about.
pub struct Facts {
    pub shopper: String,
    pub operator: String,
    /// `products/...`, and so on.
    pub product: String,
    pub variant: String,
    pub cart: String,
    pub checkout: String,
}

impl Facts {
    async fn of(world: &World) -> Self {
        let product = world.product().await;
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        Self {
            shopper: world.shopper.token.clone().unwrap(),
            operator: world.operator.token.clone().unwrap(),
            product: text(&product["name"]),
            variant: text(&product["variants"][0]["name"]),
            cart: text(&world.cart().await["name"]),
            checkout: text(&world.checkout().await["name"]),
        }
    }
}

/// A request with a name.
pub struct Scenario {
    name: String,
    request: Request<Bytes>,
    enough: fn(&[u8]) -> bool,
}

impl Scenario {
    fn new(method: &str, target: &str) -> Self {
        let name = format!("{method} {}", &target[..target.len().min(80)]);
        Self { name, request: request(method, target), enough: |_| false }
    }

    fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A POST of JSON.
    fn post(target: &str, body: impl Into<Bytes>) -> Self {
        Self::new("POST", target).header("content-type", "application/json").body(body)
    }

    fn of(name: &str, request: Request<Bytes>) -> Self {
        Self { name: name.to_owned(), request, enough: |_| false }
    }

    fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = body.into();
        let text = String::from_utf8_lossy(self.request.body());
        self.name += &format!(" <- {}", text.chars().take(60).collect::<String>());
        self
    }

    fn token(mut self, token: &str) -> Self {
        authorize(&mut self.request, token);
        self
    }

    /// Adds a header.
    fn header(mut self, name: &str, value: &str) -> Self {
        self.name += &format!(" [{name}: {}]", &value[..value.len().min(60)]);
        let (name, value): (HeaderName, HeaderValue) = (name.parse().unwrap(), value.parse().unwrap());
        self.request.headers_mut().append(name, value);
        self
    }

    fn http2(mut self) -> Self {
        self.name += " over HTTP/2";
        *self.request.version_mut() = Version::HTTP_2;
        self
    }

    fn until(self, enough: fn(&[u8]) -> bool) -> Self {
        Self { enough, ..self }
    }
}

/// Compares them all.
pub async fn compare(pair: &Pair, world: &World, comparison: &mut Comparison) {
    let facts = Facts::of(world).await;
    let scenarios = [
        paths::scenarios(&facts),
        queries::scenarios(&facts),
        bodies::scenarios(&facts),
        tokens::scenarios(&facts),
        browsers::scenarios(&facts),
        grpc::scenarios(&facts),
        streams::scenarios(&facts),
        headers::scenarios(&facts),
    ];
    for Scenario { name, request, enough } in scenarios.into_iter().flatten() {
        let answers = if request.method() == Method::GET {
            pair.ask_in_peace(&request, enough, &Bodies::Exactly).await
        } else {
            pair.ask(&request, enough).await
        };
        comparison.add(Case::new(&name, &answers, &Bodies::Exactly));
    }
}
