//! HTTP/1.1 on one connection that is kept alive, one request at a time: a client that costs as little as it can.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{SendRequest, handshake},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};

const JSON: &str = "application/json";

/// An open connection. Dropping it closes it.
pub struct Http1 {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    authorization: Option<String>,
}

impl Http1 {
    /// Connects.
    ///
    /// # Errors
    /// When nothing listens there.
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        Self::over(TcpStream::connect(address).await?, address).await
    }

    /// Connects from an address of this machine, such as any in 127.0.0.0/8, as another client would.
    ///
    /// # Errors
    /// As [`Http1::connect`], and when `source` is not of this machine.
    pub async fn connect_from(source: Ipv4Addr, address: SocketAddr) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((source, 0).into())?;
        Self::over(socket.connect(address).await?, address).await
    }

    async fn over(stream: TcpStream, address: SocketAddr) -> anyhow::Result<Self> {
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its failure shows in the request that it breaks.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, host: address.to_string(), authorization: None })
    }

    /// Sends this access token from now on, or none.
    pub fn authorize(&mut self, token: Option<&str>) {
        self.authorization = token.map(|token| format!("Bearer {token}"));
    }

    /// Whether it takes another request: the other side may have closed it.
    pub async fn is_open(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Status and body of the answer to a GET.
    ///
    /// # Errors
    /// As [`Http1::send`].
    pub async fn get(&mut self, path: &str) -> anyhow::Result<(StatusCode, Bytes)> {
        self.send(Method::GET, path, JSON, Bytes::new()).await
    }

    /// Sends JSON by POST; the JSON of the answer.
    ///
    /// # Errors
    /// As [`Http1::send`], and when the answer is not a 200 of JSON.
    pub async fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let (status, answer) = self.send(Method::POST, path, JSON, body.to_string().into()).await?;
        if status != StatusCode::OK {
            bail!("POST {path} answered {status}: {}", String::from_utf8_lossy(&answer));
        }
        serde_json::from_slice(&answer).with_context(|| format!("POST {path} answered no JSON"))
    }

    /// Sends a request; status and whole body of the answer, whatever it is. It waits as long as that takes.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Bytes,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, content_type);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(body))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Answers one request on a connection, and closes it; from where it came and what it asked.
    async fn answer_once(listener: &TcpListener, answer: &str) -> (SocketAddr, String) {
        let (mut stream, from) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") && !asked.ends_with(b"{}") {
            assert_ne!(stream.read_buf(&mut asked).await.unwrap(), 0, "the client hangs up");
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        (from, String::from_utf8(asked).unwrap().to_ascii_lowercase())
    }

    /// What both sides come to.
    async fn both<C, S>(client: impl Future<Output = C>, server: impl Future<Output = S>) -> (C, S) {
        let both = async { tokio::join!(client, server) };
        tokio::time::timeout(Duration::from_secs(10), both).await.expect("they come to an end")
    }

    async fn listening() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn a_request_carries_its_token_and_the_end_of_the_connection_shows() {
        let (listener, address) = listening().await;
        let source = Ipv4Addr::new(127, 0, 0, 7);
        let client = async {
            let mut client = Http1::connect_from(source, address).await.unwrap();
            client.authorize(Some("secret"));
            let answer = client.get("/v1/carts").await.unwrap();
            while client.is_open().await {
                tokio::task::yield_now().await;
            }
            answer
        };
        let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
        let ((status, body), (from, asked)) = both(client, answer_once(&listener, answer)).await;
        assert_eq!((status, body.as_ref()), (StatusCode::NOT_FOUND, b"{}".as_slice()));
        assert_eq!(from.ip(), source);
        assert!(asked.starts_with("get /v1/carts http/1.1\r\n"), "{asked}");
        assert!(asked.contains("authorization: bearer secret\r\n"), "{asked}");
        assert!(asked.contains(&format!("host: {address}\r\n")), "{asked}");
    }

    #[tokio::test]
    async fn a_post_that_does_not_succeed_says_what_was_answered() {
        let (listener, address) = listening().await;
        let client = async {
            let mut client = Http1::connect(address).await.unwrap();
            client.post("/v1/carts", &serde_json::json!({})).await.unwrap_err().to_string()
        };
        let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nlate";
        let (error, (_, asked)) = both(client, answer_once(&listener, answer)).await;
        assert_eq!(error, "POST /v1/carts answered 400 Bad Request: late");
        assert!(!asked.contains("authorization"), "{asked}");
    }
}
