//! The plain HTTP admin port of a process, on loopback by default: a kubelet sends no client certificate.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use http_body_util::Full;
use tokio::net::TcpListener;

use super::Metrics;
use crate::net::{
    Drain,
    listener::{self, BindError, ListenerLimits},
};

/// Answers `/health`, `/api/status` and `/metrics`.
pub struct AdminServer {
    listener: TcpListener,
    metrics: Metrics,
    status: Arc<dyn Fn() -> serde_json::Value + Send + Sync>,
}

impl AdminServer {
    /// Binds the port. `status` is what `/api/status` answers.
    pub async fn bind(
        address: SocketAddr,
        metrics: Metrics,
        status: Arc<dyn Fn() -> serde_json::Value + Send + Sync>,
    ) -> Result<Self, BindError> {
        Ok(Self { listener: listener::bind(address).await?, metrics, status })
    }

    /// Serves until the drain starts.
    pub async fn serve(self, drain: Drain) {
        let Self { listener, metrics, status } = self;
        let health = drain.clone();
        listener::serve(listener, None, ListenerLimits::default(), drain, move |_, request| {
            let answer = match (request.method(), request.uri().path()) {
                (&Method::GET, "/health") if health.is_started() => {
                    text(StatusCode::SERVICE_UNAVAILABLE, "draining\n")
                }
                (&Method::GET, "/health") => text(StatusCode::OK, "ok\n"),
                (&Method::GET, "/metrics") => {
                    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                    response(StatusCode::OK, kind, metrics.encode())
                }
                (&Method::GET, "/api/status") => {
                    response(StatusCode::OK, "application/json", status().to_string())
                }
                _ => text(StatusCode::NOT_FOUND, "try /health, /api/status or /metrics\n"),
            };
            std::future::ready(answer)
        })
        .await;
    }
}

fn text(status: StatusCode, body: &str) -> Response<Full<Bytes>> {
    response(status, "text/plain; charset=utf-8", body.to_owned())
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}
