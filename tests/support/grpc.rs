//! gRPC and gRPC-Web by hand: frames, trailers, base64 (gRPC `PROTOCOL-HTTP2.md`, `PROTOCOL-WEB.md`).

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, Request, Version};
use percent_encoding::percent_decode_str;
use prost::Message;

use super::http::{Answer, authorize, request, send};

/// How a call is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Over HTTP/2.
    Grpc,
    /// gRPC-Web, binary.
    Web,
    /// gRPC-Web in base64, as browsers without binary streams want it.
    WebText,
}

impl Protocol {
    pub const ALL: [Self; 3] = [Self::Grpc, Self::Web, Self::WebText];

    /// Tells whether a body begins with a whole frame.
    pub fn has_frame(self) -> fn(&[u8]) -> bool {
        match self {
            Self::Grpc | Self::Web => |body| split_frame(body).is_some(),
            Self::WebText => |body| split_frame(&decode_text(&body[..body.len() / 4 * 4])).is_some(),
        }
    }
}

/// A call of one message.
pub fn call(protocol: Protocol, path: &str, token: Option<&str>, message: &[u8]) -> Request<Bytes> {
    let mut request = request("POST", path);
    let framed = frame(message);
    let (content_type, body) = match protocol {
        Protocol::Grpc => ("application/grpc", framed),
        Protocol::Web => ("application/grpc-web+proto", framed),
        Protocol::WebText => ("application/grpc-web-text", STANDARD.encode(framed).into()),
    };
    *request.body_mut() = body.into();
    let headers = request.headers_mut();
    headers.insert("content-type", content_type.parse().unwrap());
    match protocol {
        Protocol::Grpc => {
            headers.insert("te", "trailers".parse().unwrap());
            *request.version_mut() = Version::HTTP_2;
        }
        Protocol::Web | Protocol::WebText => {
            headers.insert("accept", content_type.parse().unwrap());
            headers.insert("x-grpc-web", "1".parse().unwrap());
        }
    }
    if let Some(token) = token {
        authorize(&mut request, token);
    }
    request
}

/// A message behind its flag and length.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], length.as_slice(), message].concat()
}

/// The flag of the first frame, its payload, and what comes after it; none if it is not whole.
fn split_frame(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([flag, length @ ..], rest) = bytes.split_first_chunk::<5>()?;
    let (payload, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((*flag, payload, rest))
}

/// What an answer says.
#[derive(Debug)]
pub struct Reply {
    pub messages: Vec<Vec<u8>>,
    /// From the headers, if the answer is nothing but a status.
    pub trailers: HeaderMap,
}

impl Reply {
    /// Reads an answer of any of the protocols.
    pub fn read(answer: &Answer) -> Self {
        let text = answer.header("content-type").starts_with("application/grpc-web-text");
        let decoded = if text { decode_text(&answer.body) } else { answer.body.to_vec() };
        let (mut messages, mut trailers) = (Vec::new(), answer.trailers.clone());
        let mut rest = decoded.as_slice();
        while let Some((flag, payload, tail)) = split_frame(rest) {
            match flag {
                0 => messages.push(payload.to_vec()),
                0x80 => trailers.extend(web_trailers(payload)),
                flag => panic!("a frame with flag {flag:#x}"),
            }
            rest = tail;
        }
        assert!(rest.is_empty(), "half a frame is left: {rest:?}");
        if trailers.is_empty() {
            let status = answer.headers.iter().filter(|(name, _)| name.as_str().starts_with("grpc-"));
            trailers.extend(status.map(|(name, value)| (name.clone(), value.clone())));
        }
        Self { messages, trailers }
    }

    /// Code and message of the status; no code is -1.
    pub fn status(&self) -> (i32, String) {
        let text = |name| self.trailers.get(name).map_or("", |value| value.to_str().unwrap());
        let message = percent_decode_str(text("grpc-message")).decode_utf8().unwrap().into_owned();
        (text("grpc-status").parse().unwrap_or(-1), message)
    }
}

fn web_trailers(payload: &[u8]) -> HeaderMap {
    let text = std::str::from_utf8(payload).unwrap();
    let lines = text.split("\r\n").filter(|line| !line.is_empty());
    let pairs = lines.map(|line| line.split_once(':').unwrap_or_else(|| panic!("no trailer: {line:?}")));
    pairs.map(|(name, value)| (name.parse().unwrap(), value.trim().parse().unwrap())).collect()
}

/// Base64 whose pieces may each be padded.
fn decode_text(text: &[u8]) -> Vec<u8> {
    text.chunks(4).flat_map(|quantum| STANDARD.decode(quantum).unwrap()).collect()
}

/// Calls by gRPC-Web, as a browser does: every message of the answer, or code and message of its status.
pub async fn web<M: Message + Default>(
    to: SocketAddr,
    path: &str,
    token: Option<&str>,
    message: &impl Message,
) -> Result<Vec<M>, (i32, String)> {
    let answer = send(to, call(Protocol::Web, path, token, &message.encode_to_vec())).await;
    assert_eq!(answer.header("content-type"), "application/grpc-web+proto", "{answer:?}");
    let reply = Reply::read(&answer);
    match reply.status() {
        (0, _) => Ok(reply.messages.iter().map(|message| M::decode(message.as_slice()).unwrap()).collect()),
        status => Err(status),
    }
}
