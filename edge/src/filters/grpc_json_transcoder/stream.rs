//! The answer of a streaming call: items as they come, as a JSON array, as lines, or as server-sent events. A failure
//! is the last item, `{"error": status}` or an event called `error`, since the HTTP status is long sent.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header::ACCEPT};
use http_body::Frame;
use http_body_util::BodyExt as _;
use shopmesh_json::{self as json, JsonError, google::rpc::Status};

use super::{
    config::PrintOptions,
    frame::Decoder,
    head::set_content_type,
    status,
    transcoder::{Endpoint, Transcoder},
    unary,
};
use crate::http::{Body, BoxError, Reservation, Response, code};

/// How items are set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFormat {
    /// `[a,b]`
    Array,
    /// One to a line (NDJSON).
    Lines,
    /// Server-sent events (WHATWG HTML, section 9.2).
    Events,
    /// The pieces of a `google.api.HttpBody`, as they are.
    Bytes,
}

impl StreamFormat {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Array | Self::Bytes => "application/json",
            Self::Lines => "application/x-ndjson",
            Self::Events => "text/event-stream",
        })
    }
}

/// The form that the client accepts by name, else the configured one.
pub fn format(request: &HeaderMap, print: PrintOptions) -> StreamFormat {
    let accepted = request.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accepted = accepted.flat_map(|value| value.split(',')).find_map(|range| {
        match range.split(';').next().unwrap_or_default().trim() {
            "text/event-stream" => Some(StreamFormat::Events),
            "application/x-ndjson" | "application/jsonl" => Some(StreamFormat::Lines),
            "application/json" => Some(StreamFormat::Array),
            _ => None,
        }
    });
    accepted.unwrap_or(match print {
        PrintOptions { stream_sse_style_delimited: true, .. } => StreamFormat::Events,
        PrintOptions { stream_newline_delimited: true, .. } => StreamFormat::Lines,
        _ => StreamFormat::Array,
    })
}

/// Turns an answer whose items are still to come.
pub async fn respond(
    transcoder: Arc<Transcoder>,
    endpoint: Arc<Endpoint>,
    response: Response,
    format: StreamFormat,
    limit: usize,
    held: Reservation,
) -> Response {
    let (mut head, inner) = response.into_parts();
    match status::of(&head.headers) {
        Some(status) if status.code != 0 => return unary::failed(&transcoder, head, &status),
        _ => {}
    }
    let format = if endpoint.answers_http_body() { StreamFormat::Bytes } else { format };
    let print = transcoder.print.unary();
    // Lines and events end at a new line.
    let print =
        json::PrintOptions { add_whitespace: print.add_whitespace && format == StreamFormat::Array, ..print };
    let mut stream = JsonStream {
        inner,
        transcoder,
        endpoint,
        decoder: Decoder::default(),
        format,
        print,
        limit,
        held,
        items: 0,
        content_type: format.content_type(),
        text: Vec::new(),
        pieces: VecDeque::new(),
        failure: None,
        over: false,
    };
    if format == StreamFormat::Bytes {
        // The first message says what kind of body this is.
        if let Err(status) = stream.first_item().await {
            return unary::failed(&stream.transcoder, head, &status);
        }
    }
    set_content_type(&mut head.headers, stream.content_type.clone());
    head.headers.remove("grpc-status");
    Response::from_parts(head, stream.boxed_unsync())
}

/// The body of a streaming answer.
struct JsonStream {
    inner: Body,
    transcoder: Arc<Transcoder>,
    endpoint: Arc<Endpoint>,
    decoder: Decoder,
    format: StreamFormat,
    print: json::PrintOptions,
    limit: usize,
    /// For what is not yet a whole message.
    held: Reservation,
    items: usize,
    content_type: HeaderValue,
    /// Items to be sent.
    text: Vec<u8>,
    /// Of a stream of bytes, the same.
    pieces: VecDeque<Bytes>,
    /// Of a stream of bytes, which has no other way to tell than to break off.
    failure: Option<Status>,
    over: bool,
}

impl JsonStream {
    /// Waits for an item or the end.
    async fn first_item(&mut self) -> Result<(), Status> {
        while self.items == 0 && !self.over {
            match self.inner.frame().await {
                Some(Ok(frame)) => self.take(frame),
                Some(Err(_)) => self.fail(code::UNAVAILABLE, "the upstream broke off"),
                None => self.end(&HeaderMap::new()),
            }
        }
        match &self.failure {
            Some(status) if self.items == 0 => Err(status.clone()),
            _ => Ok(()),
        }
    }

    fn take(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(piece) => self.data(piece),
            Err(frame) => self.end(&frame.into_trailers().unwrap_or_default()),
        }
    }

    fn data(&mut self, piece: Bytes) {
        self.decoder.push(piece);
        if self.held.resize(self.decoder.len()).is_err() {
            return self.fail(code::UNAVAILABLE, "the edge holds as much as it may");
        }
        loop {
            match self.decoder.next(self.limit) {
                Ok(Some(message)) if self.format == StreamFormat::Bytes => {
                    match self.transcoder.http_body(&self.endpoint, message) {
                        Ok((content_type, data)) => {
                            if self.items == 0 {
                                self.content_type = content_type;
                            }
                            self.items += 1;
                            self.pieces.push_back(data);
                        }
                        Err(problem) => return self.fail(code::INTERNAL, problem),
                    }
                }
                Ok(Some(message)) => {
                    if let Err(error) = self.item(&message) {
                        return self.fail(code::INTERNAL, error.to_string());
                    }
                }
                Ok(None) => return,
                Err(error) => return self.fail(code::INTERNAL, error.to_string()),
            }
        }
    }

    fn item(&mut self, message: &[u8]) -> Result<(), JsonError> {
        let start = self.text.len();
        self.text.reserve(2 * message.len() + 16);
        self.begin_item();
        let printed = self.transcoder.print(&self.endpoint, message, &self.print, &mut self.text);
        match printed {
            Ok(()) => self.end_item(),
            // What is printed of it is no JSON.
            Err(_) => self.text.truncate(start),
        }
        printed
    }

    fn begin_item(&mut self) {
        self.text.extend_from_slice(match self.format {
            StreamFormat::Array if self.items == 0 => b"[",
            StreamFormat::Array => b",",
            StreamFormat::Events => b"data: ",
            StreamFormat::Lines | StreamFormat::Bytes => b"",
        });
    }

    fn end_item(&mut self) {
        self.items += 1;
        self.text.extend_from_slice(match self.format {
            StreamFormat::Lines => b"\n",
            StreamFormat::Events => b"\n\n",
            StreamFormat::Array | StreamFormat::Bytes => b"",
        });
    }

    fn fail(&mut self, code: i32, message: impl Into<String>) {
        self.finish(Some(Status { code, message: message.into(), details: Vec::new() }));
    }

    /// The last item and the end, once.
    fn finish(&mut self, failure: Option<Status>) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        if let Some(status) = failure {
            let text = self.transcoder.print_status(&status);
            match self.format {
                StreamFormat::Events => {
                    self.text.extend([b"event: error\ndata: ", text.as_slice(), b"\n\n"].concat())
                }
                StreamFormat::Array | StreamFormat::Lines => {
                    self.begin_item();
                    self.text.extend([b"{\"error\":", text.as_slice(), b"}"].concat());
                    self.end_item();
                }
                StreamFormat::Bytes => self.failure = Some(status),
            }
        }
        if self.format == StreamFormat::Array {
            self.text.extend_from_slice(if self.items == 0 { b"[]" } else { b"]" });
        }
    }

    fn end(&mut self, trailers: &HeaderMap) {
        match status::of(trailers) {
            Some(status) if status.code == 0 && self.decoder.is_empty() => self.finish(None),
            Some(status) if status.code == 0 => self.fail(code::INTERNAL, "the last message is cut short"),
            Some(status) => self.finish(Some(status)),
            None => self.fail(code::UNAVAILABLE, "the upstream gave no status"),
        }
    }
}

impl http_body::Body for JsonStream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if !self.text.is_empty() {
                let text = std::mem::take(&mut self.text);
                return Poll::Ready(Some(Ok(Frame::data(text.into()))));
            }
            if let Some(piece) = self.pieces.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if let Some(status) = self.failure.take() {
                let message = format!("the upstream failed with code {}: {}", status.code, status.message);
                return Poll::Ready(Some(Err(message.into())));
            }
            if self.over {
                return Poll::Ready(None);
            }
            match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => self.take(frame),
                Some(Err(error)) => {
                    tracing::debug!(%error, "a streaming answer broke off");
                    self.fail(code::UNAVAILABLE, "the upstream broke off");
                }
                None => self.end(&HeaderMap::new()),
            }
        }
    }
}
