//! gRPC as it costs a client the least: one connection, one call at a time.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request,
    client::conn::http2::{SendRequest, handshake},
    header::CONTENT_TYPE,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

/// gRPC over HTTP/2 without TLS.
pub struct Grpc {
    sender: SendRequest<Full<Bytes>>,
    authority: String,
}

impl Grpc {
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, authority: address.to_string() })
    }

    /// Calls a method with a framed message; a status other than OK is an error.
    pub async fn call(&mut self, path: &str, framed: Bytes) -> anyhow::Result<Bytes> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}{path}", self.authority))
            .header(CONTENT_TYPE, "application/grpc")
            .header("te", "trailers");
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Full::new(framed))?).await?;
        let in_head = response.headers().get("grpc-status").cloned();
        let body = response.into_body().collect().await?;
        let status = body.trailers().and_then(|trailers| trailers.get("grpc-status")).cloned().or(in_head);
        let status = status.context("no grpc-status")?;
        if status != "0" {
            bail!("{path} answered status {status:?}");
        }
        Ok(body.to_bytes())
    }
}

/// A gRPC message in its frame: a flag and four bytes of length before it.
pub fn framed(message: &impl prost::Message) -> anyhow::Result<Bytes> {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len())?;
    Ok([&[0], &length.to_be_bytes()[..], &bytes].concat().into())
}
