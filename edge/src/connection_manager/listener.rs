//! A listener of the YAML, served by the mesh's accept loop.

use std::sync::Arc;

use shopmesh_mesh::net::listener::{ListenerLimits, Versions, serve};
use shopmesh_mesh::net::{Drain, Patience, limits};
use tokio::net::TcpListener;

use super::config::{CodecType, HttpConnectionManager};
use super::filter_chain::ConnectionManager;

/// One address may be a whole office behind address translation.
const CONNECTIONS_PER_CLIENT: usize = 2000;

/// A listener that has its port.
pub struct BoundListener {
    pub name: String,
    pub socket: TcpListener,
    pub manager: Arc<ConnectionManager>,
}

impl BoundListener {
    /// Serves until `drain` starts; open connections are finished by `drain`.
    pub async fn serve(self, drain: Drain) {
        let limits = listener_limits(&self.manager.config);
        let manager = self.manager;
        serve(self.socket, None, limits, drain, move |remote, request| {
            let manager = manager.clone();
            async move { manager.serve(request, remote.address).await }
        })
        .await;
    }
}

fn listener_limits(config: &HttpConnectionManager) -> ListenerLimits {
    let defaults = ListenerLimits::default();
    let http2 = &config.http2_protocol_options;
    ListenerLimits {
        header_bytes: config.max_header_bytes(),
        header_fields: config.max_headers_count(),
        streams: http2.max_concurrent_streams.unwrap_or(defaults.streams),
        // Behind trusted proxies all clients share the proxies' few addresses.
        connections_per_peer: match config.xff_num_trusted_hops {
            0 => CONNECTIONS_PER_CLIENT,
            _ => limits::MAX_CONNECTIONS,
        },
        stream_window: http2.initial_stream_window_size.unwrap_or(defaults.stream_window),
        connection_window: http2.initial_connection_window_size.unwrap_or(defaults.connection_window),
        patience: Patience { headers: config.request_headers_timeout.0, idle: config.idle_timeout() },
        versions: match config.codec_type {
            CodecType::Auto => Versions::Both,
            CodecType::Http1 => Versions::Http1,
            CodecType::Http2 => Versions::Http2,
        },
    }
}
