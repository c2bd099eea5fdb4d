//! The admin listener and its pages.

use std::{convert::Infallible, pin::pin, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use shopmesh_net::Drain;
use tokio::net::TcpListener;

use super::{state::Admin, stats};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

impl Admin {
    /// Serves until `drain` starts.
    pub async fn serve(self: Arc<Self>, socket: TcpListener, drain: Drain) {
        let mut started = pin!(drain.started());
        loop {
            let stream = tokio::select! {
                () = &mut started => return,
                accepted = socket.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "admin connection not accepted");
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                        continue;
                    }
                },
            };
            let admin = self.clone();
            tokio::spawn(async move {
                let service = service_fn(|request: Request<Incoming>| {
                    let response = admin.answer(request.method(), request.uri().path());
                    async move { Ok::<_, Infallible>(response) }
                });
                let timer = TokioTimer::new();
                let connection =
                    http1::Builder::new().timer(timer).serve_connection(TokioIo::new(stream), service);
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "admin connection ended");
                }
            });
        }
    }

    fn answer(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        if method != Method::GET {
            return response(
                StatusCode::METHOD_NOT_ALLOWED,
                TEXT,
                "the admin listener only answers GET\n".into(),
            );
        }
        match path {
            "/ready" => response(StatusCode::OK, TEXT, "LIVE\n".into()),
            "/stats" => response(StatusCode::OK, TEXT, stats::text(self)),
            "/stats/prometheus" => response(StatusCode::OK, TEXT, stats::prometheus(self)),
            "/clusters" => response(StatusCode::OK, TEXT, self.cluster_list()),
            "/listeners" => response(StatusCode::OK, TEXT, self.listener_list()),
            "/config_dump" => response(StatusCode::OK, JSON, format!("{:#}", self.config)),
            "/server_info" => response(StatusCode::OK, JSON, format!("{:#}", self.server_info())),
            "/" => response(
                StatusCode::OK,
                TEXT,
                "/ready\n/stats\n/stats/prometheus\n/clusters\n/listeners\n/config_dump\n/server_info\n"
                    .into(),
            ),
            _ => response(StatusCode::NOT_FOUND, TEXT, "unknown; / lists what there is\n".into()),
        }
    }

    fn cluster_list(&self) -> String {
        let lines = self.clusters.iter().flat_map(|cluster| {
            cluster
                .addresses()
                .into_iter()
                .map(|address| format!("{}::{address}::health_flags::healthy\n", cluster.name))
        });
        lines.collect()
    }

    fn listener_list(&self) -> String {
        self.listeners.iter().map(|(name, address, _)| format!("{name}::{address}\n")).collect()
    }

    fn server_info(&self) -> Value {
        json!({
            "version": concat!("shopmesh-edge/", env!("CARGO_PKG_VERSION")),
            "state": "LIVE",
            "uptime_current_epoch": format!("{}s", self.started.elapsed().as_secs()),
            "node": { "id": self.node.id, "cluster": self.node.cluster },
        })
    }
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
