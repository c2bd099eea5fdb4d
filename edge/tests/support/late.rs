//! A service that never has its answer in time, and says so when its `grpc-timeout` is over: each in its own way.

use std::{
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Empty, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::{Frame, Incoming};

type LateBody = UnsyncBoxBody<Bytes, h2::Error>;

/// The header that asks for one of `KINDS`.
pub const LATE: &str = "x-late";
/// A status alone, as tonic's; a reset; the status behind a head; a reset behind one; nothing at all.
pub const KINDS: &[&str] = &["cancelled", "reset", "head, cancelled", "head, reset", "silent"];

pub fn kind(request: &Request<Incoming>) -> Option<String> {
    request.headers().get(LATE).map(|kind| kind.to_str().unwrap().to_owned())
}

pub async fn answer(kind: &str, request: Request<Incoming>) -> Result<Response<LateBody>, h2::Error> {
    let timeout = request.headers()["grpc-timeout"].to_str().unwrap();
    let granted = Duration::from_millis(timeout.strip_suffix('m').unwrap().parse().unwrap());
    // Some notice late, and some a little early, as by a coarse clock.
    let notice = granted + Duration::from_millis(u64::from(turn() % 8)) - Duration::from_millis(1);
    let over = tokio::time::sleep(notice);
    let mut cancelled = HeaderMap::new();
    cancelled.insert("grpc-status", HeaderValue::from_static("1"));
    cancelled.insert("grpc-message", HeaderValue::from_static("Timeout expired"));
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    match kind {
        "cancelled" => {
            over.await;
            response.headers_mut().extend(cancelled);
        }
        "reset" => {
            over.await;
            return Err(h2::Reason::CANCEL.into());
        }
        "head, cancelled" | "head, reset" => {
            let end = if kind == "head, reset" {
                Err(h2::Reason::CANCEL.into())
            } else {
                Ok(Frame::trailers(cancelled))
            };
            let frames = futures_util::stream::once(async move {
                over.await;
                end
            });
            *response.body_mut() = StreamBody::new(frames).boxed_unsync();
        }
        _ => std::future::pending().await,
    }
    Ok(response)
}

fn turn() -> u16 {
    static TURN: AtomicU16 = AtomicU16::new(0);
    TURN.fetch_add(1, Ordering::Relaxed)
}
