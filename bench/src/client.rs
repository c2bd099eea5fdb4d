//! Clients that cost as little as they can: one connection each, one request at a time.

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    client::conn::{http1, http2},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// HTTP/1.1, kept alive.
pub struct Http1 {
    sender: http1::SendRequest<Full<Bytes>>,
    host: String,
    token: Option<String>,
}

impl Http1 {
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Its failure shows in the request that it breaks.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, host: address.to_string(), token: None })
    }

    /// Sends this access token from now on.
    pub fn sign_in_with(&mut self, token: &str) {
        self.token = Some(format!("Bearer {token}"));
    }

    pub async fn get(&mut self, path: &str) -> anyhow::Result<(u16, Bytes)> {
        self.send(Method::GET, path, "application/json", Bytes::new()).await
    }

    /// Sends JSON; anything but a success is an error.
    pub async fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let (status, answer) =
            self.send(Method::POST, path, "application/json", body.to_string().into()).await?;
        if status != 200 {
            bail!("POST {path} answered {status}: {}", String::from_utf8_lossy(&answer));
        }
        Ok(serde_json::from_slice(&answer)?)
    }

    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Bytes,
    ) -> anyhow::Result<(u16, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, content_type);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        self.sender.ready().await?;
        read(self.sender.send_request(request.body(Full::new(body))?).await?).await
    }
}

/// gRPC over HTTP/2 without TLS.
pub struct Grpc {
    sender: http2::SendRequest<Full<Bytes>>,
    authority: String,
}

impl Grpc {
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
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

async fn read(response: Response<Incoming>) -> anyhow::Result<(u16, Bytes)> {
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

/// A gRPC message in its frame: a flag and four bytes of length before it.
pub fn framed(message: &impl prost::Message) -> anyhow::Result<Bytes> {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len())?;
    Ok([&[0], &length.to_be_bytes()[..], &bytes].concat().into())
}
