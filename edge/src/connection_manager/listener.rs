//! Accepts connections and speaks HTTP/1.1 or HTTP/2 with prior knowledge on each, within limits on number, size and time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::config::CodecType;
use super::filter_chain::ConnectionManager;
use crate::drain::Drain;

/// More clients wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 10_000;
/// Envoy's and RFC 9113's advice.
const MAX_STREAMS: u32 = 100;
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;

/// A listener that has its port.
pub struct BoundListener {
    pub name: String,
    pub socket: TcpListener,
    pub manager: Arc<ConnectionManager>,
}

impl BoundListener {
    /// Serves until `drain` starts, then lets open connections finish.
    pub async fn serve(self, drain: Drain) {
        let http = Arc::new(http_builder(&self.manager));
        let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut started = pin!(drain.started());
        loop {
            let accepted = tokio::select! {
                () = &mut started => return,
                accepted = async {
                    let place = places.clone().acquire_owned().await;
                    (place, self.socket.accept().await)
                } => accepted,
            };
            match accepted {
                (Ok(place), Ok((stream, peer))) => {
                    self.manager.counters.connection();
                    let (http, manager, drain) = (http.clone(), self.manager.clone(), drain.clone());
                    drain.clone().spawn(async move {
                        serve_connection(stream, peer, &http, manager, drain).await;
                        drop(place);
                    });
                }
                (_, Err(error)) => {
                    // Out of file descriptors, most likely: others must close first.
                    tracing::warn!(listener = self.name, %error, "connection not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                (Err(_), _) => return,
            }
        }
    }
}

fn http_builder(manager: &ConnectionManager) -> Builder<TokioExecutor> {
    let config = &manager.config;
    let mut builder = Builder::new(TokioExecutor::new());
    let header_bytes = config.max_header_bytes();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(config.request_headers_timeout.0)
        .max_headers(config.max_headers_count())
        .max_buf_size(usize::try_from(header_bytes).unwrap_or(usize::MAX).max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(header_bytes)
        .max_concurrent_streams(config.http2_protocol_options.max_concurrent_streams.unwrap_or(MAX_STREAMS))
        .initial_stream_window_size(
            config.http2_protocol_options.initial_stream_window_size.unwrap_or(STREAM_WINDOW),
        )
        .initial_connection_window_size(
            config.http2_protocol_options.initial_connection_window_size.unwrap_or(CONNECTION_WINDOW),
        )
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(1024)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    match config.codec_type {
        CodecType::Auto => builder,
        CodecType::Http1 => builder.http1_only(),
        CodecType::Http2 => builder.http2_only(),
    }
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    http: &Builder<TokioExecutor>,
    manager: Arc<ConnectionManager>,
    drain: Drain,
) {
    let _ = stream.set_nodelay(true);
    let (first, idle) = (manager.config.request_headers_timeout.0, manager.config.idle_timeout());
    let requests = watch::Sender::new(Requests::default());
    let silence = silent(requests.subscribe(), first, idle);
    let service = service_fn(|request| {
        let manager = manager.clone();
        let guard = Running::new(requests.clone());
        async move {
            let response = manager.serve(request, peer).await;
            drop(guard);
            Ok::<_, Infallible>(response)
        }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let mut silence = pin!(silence);
    let mut started = pin!(drain.started());
    let (mut draining, mut closing) = (false, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, error, "connection ended");
                }
                return;
            }
            () = &mut started, if !draining => {
                draining = true;
                connection.as_mut().graceful_shutdown();
            }
            quiet = &mut silence, if !closing => {
                if quiet == Silence::NoRequest {
                    return;
                }
                closing = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Why a connection is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    /// There never was a request.
    NoRequest,
    /// There was none for the idle timeout.
    Idle,
}

async fn silent(mut requests: watch::Receiver<Requests>, first: Duration, idle: Duration) -> Silence {
    if tokio::time::timeout(first, requests.wait_for(|r| r.total > 0)).await.is_err() {
        return Silence::NoRequest;
    }
    loop {
        let seen = match requests.wait_for(|r| r.running == 0).await {
            Ok(requests) => requests.total,
            Err(_) => return Silence::Idle,
        };
        if tokio::time::timeout(idle, requests.wait_for(|r| r.total > seen)).await.is_err() {
            return Silence::Idle;
        }
    }
}

/// The requests of one connection.
#[derive(Clone, Copy, Debug, Default)]
struct Requests {
    total: u64,
    running: usize,
}

/// Counts a request while it lives.
struct Running(watch::Sender<Requests>);

impl Running {
    fn new(requests: watch::Sender<Requests>) -> Self {
        requests.send_modify(|r| {
            r.total += 1;
            r.running += 1;
        });
        Self(requests)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|r| r.running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn silence_is_noticed() {
        let brief = Duration::from_millis(10);
        let never = watch::Sender::new(Requests::default());
        assert_eq!(silent(never.subscribe(), brief, brief).await, Silence::NoRequest);

        let requests = watch::Sender::new(Requests::default());
        // A request too short to be seen while it runs counts all the same.
        drop(Running::new(requests.clone()));
        assert_eq!(silent(requests.subscribe(), brief, brief).await, Silence::Idle);
        let running = Running::new(requests.clone());
        let idle = silent(requests.subscribe(), brief, brief);
        assert!(tokio::time::timeout(brief * 5, idle).await.is_err(), "idle while a request runs");
        drop(running);
    }
}
