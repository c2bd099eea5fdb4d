//! A listener of the YAML, served by the mesh's accept loop.

use std::sync::Arc;

use shopmesh_net::{
    ConnectionTimeouts, Drain, descriptors, limits,
    listener::{ListenerLimits, Versions, serve},
};
use tokio::net::TcpListener;

use super::{
    config::{CodecType, HttpConnectionManager},
    filter_chain::ConnectionManager,
};

/// One address may be a whole office behind address translation.
const CONNECTIONS_PER_CLIENT: usize = 2000;
/// Of those, connections without a request so far: browsers open some ahead of time.
const SILENT_PER_CLIENT: usize = 256;

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
    let http2 = &config.http2_protocol_options;
    let connections = descriptors::connections(2);
    let connections_per_peer = match config.xff_num_trusted_hops {
        0 => CONNECTIONS_PER_CLIENT.min(connections / 4),
        // Behind trusted proxies all clients share the proxies' few addresses.
        _ => connections,
    };
    let fields = u32::try_from(config.max_headers_count()).unwrap_or(u32::MAX);
    ListenerLimits {
        header_bytes: config.max_header_bytes(),
        // As Envoy, which counts names and values only.
        header_list: config
            .max_header_bytes()
            .saturating_add(fields.saturating_mul(limits::FIELD_OVERHEAD))
            .min(limits::MAX_EDGE_HEADER_LIST),
        header_fields: config.max_headers_count(),
        streams: http2.max_concurrent_streams.map_or(limits::MAX_STREAMS, |streams| streams.0),
        pending_resets: limits::MAX_PENDING_RESETS,
        local_resets: Some(limits::MAX_LOCAL_RESETS),
        connections,
        connections_per_peer,
        silent_per_peer: SILENT_PER_CLIENT.min(connections_per_peer / 2),
        stream_window: http2.initial_stream_window_size.map_or(limits::SERVER_STREAM_WINDOW, |size| size.0),
        connection_window: http2
            .initial_connection_window_size
            .map_or(limits::SERVER_CONNECTION_WINDOW, |size| size.0),
        timeouts: ConnectionTimeouts {
            headers: config.request_headers_timeout.0,
            idle: config.idle_timeout(),
        },
        versions: match config.codec_type {
            CodecType::Auto => Versions::Both,
            CodecType::Http1 => Versions::Http1,
            CodecType::Http2 => Versions::Http2,
        },
    }
}
