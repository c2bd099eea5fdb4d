//! The edge as a shopper's telephone sees it: REST on one connection that is kept alive. A call outlives the shop: when
//! the connection breaks or the shop is not ready, it waits and asks the same again.

use std::{fmt, net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde_json::Value;
use tokio::time::{self, Instant};

use super::patience::Patience;
use crate::http::Http1;

/// An answer that takes longer is none. More than any deadline of the contract that a shopper meets.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// Codes of gRPC.
const FAILED_PRECONDITION: i64 = 9;
const ABORTED: i64 = 10;

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
    /// A rule of the shop forbids it: FAILED_PRECONDITION.
    Refused(Refusal),
    /// The token or the password is not, or no longer, good; what the shop says about it.
    NotSignedIn(String),
}

/// A refusal by its details (`google.rpc.PreconditionFailure`, or else `google.rpc.ErrorInfo`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Such as `STOCK`.
    pub reason: String,
    /// What it is about.
    pub subjects: Vec<String>,
    /// For people.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.reason, self.message)
    }
}

/// A client with a connection of its own.
pub struct Edge {
    address: SocketAddr,
    connection: Option<Http1>,
    repeated: u64,
}

impl Edge {
    /// Connects with the first call.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, connection: None, repeated: 0 }
    }

    /// How many calls were sent again, so far.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Asks until there is an answer.
    ///
    /// # Errors
    /// When the shop limits the rate, when it stays away for [`PATIENCE`](super::patience::PATIENCE), and when it
    /// answers anything that no rule of its explains.
    pub async fn ask(&mut self, call: &Call<'_>) -> anyhow::Result<Answer> {
        let (started, patience) = (Instant::now(), Patience::begin());
        loop {
            let longest = LONGEST_ANSWER.min(patience.left());
            let problem = match time::timeout(longest, self.send(call)).await {
                Ok(Ok((status, body))) => match understood(call, status, &body)? {
                    Some(answer) => return Ok(answer),
                    None => format!("it answers {status}: {}", String::from_utf8_lossy(&body)),
                },
                Ok(Err(broken)) => format!("{broken:#}"),
                Err(_) => format!("no answer came within {} s", longest.as_secs()),
            };
            tracing::debug!(path = call.path, problem, "the shop does not answer");
            self.connection = None;
            if !patience.pause().await {
                let (seconds, path) = (started.elapsed().as_secs(), call.path);
                bail!("waited {seconds} s for the shop at {} to answer {path}: {problem}", self.address);
            }
            self.repeated += 1;
        }
    }

    async fn send(&mut self, call: &Call<'_>) -> anyhow::Result<(StatusCode, Bytes)> {
        let body = if call.body.is_null() { Bytes::new() } else { call.body.to_string().into() };
        let connection = self.connected().await?;
        connection.authorize(call.token);
        connection.send(call.method.clone(), call.path, "application/json", body).await
    }

    async fn connected(&mut self) -> anyhow::Result<&mut Http1> {
        let usable = match &mut self.connection {
            Some(connection) => connection.is_open().await,
            None => false,
        };
        if !usable {
            self.connection = Some(Http1::connect(self.address).await?);
        }
        self.connection.as_mut().context("no connection")
    }
}

/// The answer, or `None` when the same call is to be sent again: the shop is not ready, its answer is not known, the
/// same call is running already (ABORTED of a keyed call), or too many sign in at once.
fn understood(call: &Call<'_>, status: StatusCode, body: &[u8]) -> anyhow::Result<Option<Answer>> {
    let shown = String::from_utf8_lossy(body);
    if status == StatusCode::OK {
        let value =
            serde_json::from_slice(body).with_context(|| format!("the shop answered no JSON: {shown}"))?;
        return Ok(Some(Answer::Done(value)));
    }
    // Not every 503 of an edge is JSON.
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    Ok(match (status.as_u16(), problem["code"].as_i64()) {
        (401, _) => Some(Answer::NotSignedIn(shown.into_owned())),
        (409, Some(ABORTED)) | (503 | 504, _) => None,
        // A service says why; the edge itself does not.
        (429, _) if detail(&problem, "ErrorInfo").is_some() => None,
        (429, _) => bail!(
            "the shop limits how often one address may ask: start it with `shopmesh up --rate-limit off` to replay"
        ),
        _ => match refusal(&problem) {
            Some(refusal) => Some(Answer::Refused(refusal)),
            None => bail!("the shop answered {status} to {} {}: {shown}", call.method, call.path),
        },
    })
}

/// What a `google.rpc.Status` of FAILED_PRECONDITION refuses.
fn refusal(status: &Value) -> Option<Refusal> {
    if status["code"] != FAILED_PRECONDITION {
        return None;
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let message = text(&status["message"]).unwrap_or_default();
    let violations =
        detail(status, "PreconditionFailure").and_then(|failure| failure["violations"].as_array());
    if let Some(violations) = violations {
        let subjects = violations.iter().filter_map(|violation| text(&violation["subject"])).collect();
        return Some(Refusal { reason: text(&violations.first()?["type"])?, subjects, message });
    }
    let reason = text(&detail(status, "ErrorInfo")?["reason"])?;
    Some(Refusal { reason, subjects: Vec::new(), message })
}

/// The detail of a `google.rpc.Status` that is a `google.rpc.<name>`.
fn detail<'a>(status: &'a Value, name: &str) -> Option<&'a Value> {
    let url = format!("type.googleapis.com/google.rpc.{name}");
    status["details"].as_array()?.iter().find(|detail| detail["@type"] == *url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        let (reason, message) = ("STOCK".to_owned(), "too few".to_owned());
        assert_eq!(refused, Refusal { reason, subjects, message });
    }

    #[test]
    fn a_request_that_breaks_the_contract_is_no_refusal() {
        let body = json!({"code": 3, "message": "lines: too many", "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "INVALID_ARGUMENT"},
            {"@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": "lines", "description": "at most 500"}]},
        ]});
        let defect = understood(400, &body).unwrap_err().to_string();
        assert!(defect.contains("/v1/carts") && defect.contains("at most 500"), "{defect}");
    }

    #[test]
    fn a_limit_and_a_defect_end_the_replay_and_an_outage_does_not() {
        let retry = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"});
        let limited = understood(429, &json!({"code": 8, "details": [&retry]})).unwrap_err().to_string();
        assert!(limited.contains("--rate-limit off"), "{limited}");
        let defect = understood(500, &json!({"code": 13, "message": "internal"})).unwrap_err().to_string();
        assert!(defect.contains("500") && defect.contains("/v1/carts"), "{defect}");
        assert!(understood(400, &json!({"code": 9, "details": []})).is_err(), "a refusal says why");
        assert!(understood(409, &json!({"code": 6})).is_err(), "what exists does not go away");
        let crowded =
            json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RESOURCE_EXHAUSTED"});
        for (away, body) in [
            (409, json!({"code": 10})),
            (429, json!({"code": 8, "details": [crowded, retry]})),
            (503, Value::Null),
            (504, json!({"code": 4})),
        ] {
            assert!(understood(away, &body).unwrap().is_none(), "{away}");
        }
    }
}
