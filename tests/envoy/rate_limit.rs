//! The rate limits of the contracts on both edges: 10 requests a second and 20 at once for each address; fewer for credentials, none
//! for health, and more for pages.

use std::{net::SocketAddr, time::Instant};

use bytes::Bytes;
use http::{Request, StatusCode, header::CONTENT_TYPE};

use super::{
    compare::{Case, Comparison},
    pair::Pair,
    view::Bodies,
};
use crate::support::{
    Shop,
    grpc::{Protocol, Reply, call},
    http::{Answer, Connection, request},
};

/// A bucket of tokens.
#[derive(Debug)]
struct Limit {
    burst: u32,
    per_second: f64,
}

const ALL: Limit = Limit { burst: 20, per_second: 10.0 };
const CREDENTIALS: Limit = Limit { burst: 10, per_second: 2.0 };

/// Compares what the first of many requests gets, and the first that is refused.
pub async fn compare(comparison: &mut Comparison) {
    let shop = Shop::behind_envoy(&[]);
    let pair = Pair::beside(&shop);
    let mut sign_in = request("POST", "/v1/sessions");
    sign_in.headers_mut().insert(CONTENT_TYPE, "application/json".parse().unwrap());
    let list = "/shopmesh.catalog.v1.ProductService/ListProducts";
    let cases = [
        ("REST", request("GET", "/v1/products?pageSize=1"), ALL),
        ("nowhere", request("GET", "/v1/nowhere"), ALL),
        ("gRPC", call(Protocol::Grpc, list, None, &[]), ALL),
        ("gRPC-Web", call(Protocol::Web, list, None, &[]), ALL),
        ("sign-in", sign_in, CREDENTIALS),
    ];
    for (at, (name, request, limit)) in (1..).zip(cases) {
        let [envoy, ours] = [
            crowd(pair.envoy, [127, 0, 1, at], &request, &limit).await,
            crowd(pair.ours, [127, 0, 1, at], &request, &limit).await,
        ];
        for (what, [envoy, ours]) in
            ["one of many", "one too many"].into_iter().zip(first_and_last(envoy, ours))
        {
            let answers = [Ok(envoy), Ok(ours)];
            comparison.add(Case::new(&format!("{name}: {what}"), &answers, &Bodies::Exactly));
        }
    }
    // From the address that has spent its requests.
    for edge in [pair.envoy, pair.ours] {
        let mut connection = Connection::open(http::Version::HTTP_11, [127, 0, 1, 1], edge).await;
        for path in ["/health", "/", "/assets/landing.js", "/shop", "/admin/orders", "/seller/"] {
            for _ in 0..100 {
                let answer = connection.send(request("GET", path), |_| false).await.unwrap();
                // An application may be there or not.
                let is_answered = [StatusCode::OK, StatusCode::NOT_FOUND].contains(&answer.status);
                assert!(is_answered, "{path}: {answer:?}");
            }
        }
    }
}

/// By kind of answer rather than by edge.
fn first_and_last([first, last]: [Answer; 2], [our_first, our_last]: [Answer; 2]) -> [[Answer; 2]; 2] {
    [[first, our_first], [last, our_last]]
}

/// Sends requests over one connection until one is refused, neither before nor after the limit; the first answer and the last.
async fn crowd(edge: SocketAddr, from: [u8; 4], request: &Request<Bytes>, limit: &Limit) -> [Answer; 2] {
    let mut connection = Connection::open(request.version(), from, edge).await;
    let (mut first, start) = (None, Instant::now());
    for at in 0..300_u32 {
        let mut request = request.clone();
        // To claim another address each time does not help.
        request.headers_mut().insert("x-forwarded-for", format!("10.0.0.{at}").parse().unwrap());
        let answer = connection.send(request, |_| false).await.unwrap();
        if is_refused(&answer) {
            let most = f64::from(limit.burst) + limit.per_second * start.elapsed().as_secs_f64() + 1.0;
            assert!(at >= limit.burst && f64::from(at) <= most, "{at} pass, not {limit:?}: {answer:?}");
            return [first.unwrap(), answer];
        }
        first.get_or_insert(answer);
    }
    panic!("300 requests at once pass");
}

fn is_refused(answer: &Answer) -> bool {
    answer.status == StatusCode::TOO_MANY_REQUESTS || answer.is_grpc() && Reply::read(answer).status().0 == 8
}
