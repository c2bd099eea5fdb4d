//! The answer of a streaming call: items as they come, as a JSON array, as lines, or as server-sent events. A failure
//! is the last item, since the HTTP status is long sent.

use super::{filter::json_headers, frame::Decoder, status, transcoder::Transcoder, unary};
use crate::filters::{Body, BoxError, Response};
use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::BodyExt;
use prost_reflect::MethodDescriptor;
use shopmesh_proto::json;
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tonic_types::pb::Status;

/// How items are set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Array,
    Lines,
    Events,
}

/// The body of a streaming answer.
pub struct JsonStream {
    inner: Body,
    transcoder: Arc<Transcoder>,
    method: MethodDescriptor,
    decoder: Decoder,
    form: Form,
    limit: usize,
    items: usize,
    ready: VecDeque<Bytes>,
    over: bool,
}

impl JsonStream {
    /// Turns an answer whose items are still to come.
    pub fn respond(
        transcoder: Arc<Transcoder>,
        method: MethodDescriptor,
        response: Response,
        limit: usize,
    ) -> Response {
        let (mut head, inner) = response.into_parts();
        if let Some(status) = status::of(&head.headers).filter(|status| status.code != 0) {
            return unary::failed(&transcoder, head, &status);
        }
        let print = transcoder.print;
        let (form, kind) = if print.stream_sse_style_delimited {
            (Form::Events, "text/event-stream")
        } else if print.stream_newline_delimited {
            (Form::Lines, "application/x-ndjson")
        } else {
            (Form::Array, "application/json")
        };
        json_headers(&mut head.headers, kind);
        let decoder = Decoder::default();
        let stream = Self {
            inner,
            transcoder,
            method,
            decoder,
            form,
            limit,
            items: 0,
            ready: VecDeque::new(),
            over: false,
        };
        Response::from_parts(head, stream.boxed_unsync())
    }

    fn data(&mut self, piece: &[u8]) {
        self.decoder.push(piece);
        loop {
            match self.decoder.next(self.limit) {
                Ok(Some(message)) => {
                    match json::to_json(&self.method.output(), &message, self.transcoder.print_options()) {
                        Ok(text) => self.item(&text),
                        Err(error) => return self.fail(13, error.to_string()),
                    }
                }
                Ok(None) => return,
                Err(error) => return self.fail(13, error.to_string()),
            }
        }
    }

    fn item(&mut self, text: &[u8]) {
        let (before, after): (&[u8], &[u8]) = match self.form {
            Form::Array if self.items == 0 => (b"[", b""),
            Form::Array => (b",", b""),
            Form::Lines => (b"", b"\n"),
            Form::Events => (b"data: ", b"\n\n"),
        };
        self.items += 1;
        self.ready.push_back([before, text, after].concat().into());
    }

    fn fail(&mut self, code: i32, message: String) {
        self.finish(Some(&Status { code, message, details: Vec::new() }));
    }

    /// The last item and the end, once.
    fn finish(&mut self, failure: Option<&Status>) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        if let Some(status) = failure {
            let text = json::status_to_json(status);
            if self.form == Form::Events {
                self.ready.push_back([b"event: error\ndata: ", text.as_slice(), b"\n\n"].concat().into());
            } else {
                self.item(&text);
            }
        }
        if self.form == Form::Array {
            self.ready.push_back(if self.items == 0 { "[]".into() } else { "]".into() });
        }
    }

    fn end(&mut self, trailers: &HeaderMap) {
        match status::of(trailers) {
            Some(status) if status.code == 0 => self.finish(None),
            Some(status) => self.finish(Some(&status)),
            None => self.fail(14, "the upstream gave no status".to_owned()),
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
            if let Some(piece) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if self.over {
                return Poll::Ready(None);
            }
            match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => self.data(&piece),
                    Err(frame) => self.end(&frame.into_trailers().unwrap_or_default()),
                },
                Some(Err(error)) => self.fail(14, format!("the upstream broke off: {error}")),
                None => self.end(&HeaderMap::new()),
            }
        }
    }
}
