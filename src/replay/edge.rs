//! The edge as a shopper's telephone sees it: REST on one connection that is kept alive. A call outlives the shop: when
//! the connection breaks or the shop is not ready, it waits and asks the same again.

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
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpStream, time};

/// How long a call waits, in all, for a shop that does not answer.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks whether it is back.
pub const PAUSE: Duration = Duration::from_millis(100);
/// An answer that takes longer is none. More than any deadline of the contract that a shopper meets.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// A call.
pub struct Call<'a> {
    pub method: Method,
    pub path: &'a str,
    /// Access token.
    pub token: Option<&'a str>,
    /// JSON; null sends no body.
    pub body: &'a Value,
}

/// What the shop said to it.
#[derive(Debug)]
pub enum Answer {
    Done(Value),
    /// A rule of the shop forbids it: INVALID_ARGUMENT or FAILED_PRECONDITION.
    Refused(Refusal),
    /// The token is not, or no longer, good.
    NotSignedIn,
}

/// A refusal by its details (`google.rpc.PreconditionFailure`, or else `google.rpc.ErrorInfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Such as `STOCK`.
    pub reason: String,
    /// What it is about.
    pub subjects: Vec<String>,
}

/// A client with a connection of its own.
pub struct Edge {
    address: SocketAddr,
    connection: Option<SendRequest<Full<Bytes>>>,
    repeated: Arc<AtomicU64>,
}

impl Edge {
    /// Connects with the first call. Calls that are sent again are counted in `repeated`.
    pub fn new(address: SocketAddr, repeated: Arc<AtomicU64>) -> Self {
        Self { address, connection: None, repeated }
    }

    /// Asks until there is an answer.
    ///
    /// # Errors
    /// When the shop limits the rate, when it stays away for [`PATIENCE`], and when it answers anything that no rule of
    /// its explains.
    pub async fn ask(&mut self, call: &Call<'_>) -> anyhow::Result<Answer> {
        let mut waited = Duration::ZERO;
        loop {
            let problem = match time::timeout(LONGEST_ANSWER, self.send(call)).await {
                Ok(Ok((status, body))) => match understood(call, status, &body)? {
                    Some(answer) => return Ok(answer),
                    None => format!("it answers {status}"),
                },
                Ok(Err(broken)) => format!("{broken:#}"),
                Err(_) => format!("no answer came within {} s", LONGEST_ANSWER.as_secs()),
            };
            if waited >= PATIENCE {
                let (seconds, path) = (PATIENCE.as_secs(), call.path);
                bail!("waited {seconds} s for the shop at {} to answer {path}: {problem}", self.address);
            }
            tracing::debug!(path = call.path, problem, "the shop does not answer; asking again");
            self.connection = None;
            self.repeated.fetch_add(1, Ordering::Relaxed);
            time::sleep(PAUSE).await;
            waited += PAUSE;
        }
    }

    async fn send(&mut self, call: &Call<'_>) -> anyhow::Result<(StatusCode, Bytes)> {
        let mut request = Request::builder()
            .method(&call.method)
            .uri(call.path)
            .header(HOST, self.address.to_string())
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = call.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = if call.body.is_null() { Bytes::new() } else { call.body.to_string().into() };
        let connection = self.connected().await?;
        let response = connection.send_request(request.body(Full::new(body))?).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    async fn connected(&mut self) -> anyhow::Result<&mut SendRequest<Full<Bytes>>> {
        let usable = match &mut self.connection {
            Some(connection) => connection.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            // Its failure shows in the request that it breaks.
            tokio::spawn(async move { drop(connection.await) });
            self.connection = Some(sender);
        }
        self.connection.as_mut().context("no connection")
    }
}

/// The answer, or `None` when the same call is to be sent again: the shop is not ready, its answer is not known, or the
/// same call is running already (ABORTED of a keyed call).
fn understood(call: &Call<'_>, status: StatusCode, body: &[u8]) -> anyhow::Result<Option<Answer>> {
    Ok(match status.as_u16() {
        200 => Some(Answer::Done(serde_json::from_slice(body).context("the shop answered no JSON")?)),
        401 => Some(Answer::NotSignedIn),
        409 | 503 | 504 => None,
        429 => bail!(
            "the shop limits how often one address may ask: start it with `shopmesh up --rate-limit off` to replay"
        ),
        _ => match serde_json::from_slice::<Value>(body).ok().as_ref().and_then(refusal) {
            Some(refusal) => Some(Answer::Refused(refusal)),
            None => bail!(
                "the shop answered {status} to {} {}: {}",
                call.method,
                call.path,
                String::from_utf8_lossy(body)
            ),
        },
    })
}

/// What a `google.rpc.Status` of code 3 (INVALID_ARGUMENT) or 9 (FAILED_PRECONDITION) refuses.
fn refusal(status: &Value) -> Option<Refusal> {
    if !matches!(status["code"].as_i64(), Some(3 | 9)) {
        return None;
    }
    let detail = |name: &str| {
        let url = format!("type.googleapis.com/google.rpc.{name}");
        status["details"].as_array()?.iter().find(|detail| detail["@type"] == *url)
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(violations) =
        detail("PreconditionFailure").and_then(|failure| failure["violations"].as_array())
    {
        let subjects = violations.iter().filter_map(|violation| text(&violation["subject"])).collect();
        return Some(Refusal { reason: text(&violations.first()?["type"])?, subjects });
    }
    Some(Refusal { reason: text(&detail("ErrorInfo")?["reason"])?, subjects: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn understood(status: u16, body: &Value) -> anyhow::Result<Option<Answer>> {
        let call = Call { method: Method::POST, path: "/v1/carts", token: None, body: &Value::Null };
        super::understood(&call, StatusCode::from_u16(status).unwrap(), body.to_string().as_bytes())
    }

    #[test]
    fn refusals_are_read_from_their_details() {
        let violation = |subject| json!({"type": "STOCK", "subject": subject, "description": "too few"});
        let body = json!({"code": 9, "message": "too few", "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "STOCK"},
            {"@type": "type.googleapis.com/google.rpc.PreconditionFailure",
                "violations": [violation("variants/a"), violation("variants/b")]},
        ]});
        let Some(Answer::Refused(refused)) = understood(400, &body).unwrap() else { panic!("not refused") };
        let subjects = vec!["variants/a".to_owned(), "variants/b".to_owned()];
        assert_eq!(refused, Refusal { reason: "STOCK".to_owned(), subjects });
    }

    #[test]
    fn a_limit_and_a_defect_end_the_replay_and_an_outage_does_not() {
        let limited = understood(429, &json!({"code": 8})).unwrap_err().to_string();
        assert!(limited.contains("--rate-limit off"), "{limited}");
        let defect = understood(500, &json!({"code": 13, "message": "internal"})).unwrap_err().to_string();
        assert!(defect.contains("500") && defect.contains("/v1/carts"), "{defect}");
        assert!(understood(400, &json!({"code": 9, "details": []})).is_err(), "a refusal says why");
        for away in [409, 503, 504] {
            assert!(understood(away, &json!({})).unwrap().is_none());
        }
    }
}
