//! `Expect: 100-continue` over HTTP/2: who waits is asked for the body once it is wanted, and not when the head is enough.

use std::{future::poll_fn, pin::Pin, task::Poll};

use bytes::Bytes;
use h2::client::ResponseFuture;
use tokio::net::TcpStream;

use crate::{
    filters::filter,
    support::{Config, TestEdge, Upstream, within},
};

/// A request whose client has sent the head and waits.
struct Waiting {
    answer: ResponseFuture,
    body: h2::SendStream<Bytes>,
}

impl Waiting {
    async fn send(edge: &TestEdge, path: &str, headers: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect(edge.address).await.unwrap();
        let (requests, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let mut request = http::Request::post(format!("http://shop{path}")).header("expect", "100-continue");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut requests = requests.ready().await.unwrap();
        let (answer, body) = requests.send_request(request.body(()).unwrap(), false).unwrap();
        Self { answer, body }
    }

    /// The next status that the client is told, 100 or the last one.
    async fn told(&mut self) -> u16 {
        let answer = &mut self.answer;
        let told = poll_fn(|context| {
            if let Poll::Ready(Some(interim)) = answer.poll_informational(context) {
                return Poll::Ready(interim.unwrap().status());
            }
            Pin::new(&mut *answer).poll(context).map(|response| response.unwrap().status())
        });
        within(told).await.as_u16()
    }
}

const LIMIT: &str = "stat_prefix: l, token_bucket: { max_tokens: 1, fill_interval: 3600s }, \
    filter_enabled: { default_value: { numerator: 100 } }, filter_enforced: { default_value: { numerator: 100 } }";
const TOKENS: &str = "providers: { shop: { issuer: 'https://shop', remote_jwks: { http_uri: { uri: 'https://a/jwks.json', \
    cluster: up, timeout: 2s } } } }, rules: [{ match: { prefix: /mine }, requires: { provider_name: shop } }]";

#[tokio::test]
async fn who_waits_is_asked_once_the_body_is_wanted() {
    let upstream = Upstream::start().await;
    let edge = Config::default().start(upstream.address).await;
    for headers in [&[][..], &[("content-length", "4")]] {
        let mut waiting = Waiting::send(&edge, "/echo", headers).await;
        assert_eq!(waiting.told().await, 100, "{headers:?}");
        waiting.body.send_data(Bytes::from_static(b"body"), true).unwrap();
        let response = within(waiting.answer).await.unwrap();
        assert_eq!(within(response.into_body().data()).await.unwrap().unwrap(), "body");
        assert!(!upstream.last().headers.contains_key("expect"), "the upstream is not asked to ask");
    }
}

#[tokio::test]
async fn who_is_refused_by_the_head_is_not_asked() {
    let upstream = Upstream::start().await;
    let filters = filter("envoy.filters.http.jwt_authn", "jwt_authn.v3.JwtAuthentication", TOKENS)
        + &filter("limit", "local_ratelimit.v3.LocalRateLimit", LIMIT);
    let routes = "[{ match: { path: /gone }, direct_response: { status: 410 } }, { match: { prefix: /echo }, route: { cluster: up } }, \
        { match: { prefix: /mine }, route: { cluster: up } }]";
    let edge = Config { filters, routes: routes.into(), ..Config::default() }.start(upstream.address).await;
    assert_eq!(Waiting::send(&edge, "/mine", &[]).await.told().await, 401);
    assert_eq!(Waiting::send(&edge, "/%00", &[]).await.told().await, 400);
    // The one for which there is a token.
    assert_eq!(Waiting::send(&edge, "/nowhere", &[]).await.told().await, 404);
    assert_eq!(Waiting::send(&edge, "/echo", &[]).await.told().await, 429);
    assert!(upstream.seen.lock().unwrap().is_empty());
}
