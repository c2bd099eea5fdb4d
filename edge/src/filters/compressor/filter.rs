//! Decides which answers are compressed.

use std::sync::Arc;

use flate2::Compression;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
        VARY,
    },
};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::sync::Semaphore;

use super::{accept_encoding::prefers_gzip, body::GzipBody, config::ResponseDirection};
use crate::{
    filters::api::{BoxFuture, Exchange, Filter, FilterFactory, Flow},
    http::{LocalReply, Request, Response},
};

/// Answers compressed at once, since each holds some 300 KiB meanwhile; others go out as they are.
const MOST_AT_ONCE: usize = 128;

pub struct CompressorFactory {
    config: Arc<ResponseDirection>,
    level: Compression,
    permits: Arc<Semaphore>,
}

impl CompressorFactory {
    pub fn new(config: ResponseDirection, level: Compression) -> Self {
        Self { config: Arc::new(config), level, permits: Arc::new(Semaphore::new(MOST_AT_ONCE)) }
    }
}

impl FilterFactory for CompressorFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(Compressor {
            config: self.config.clone(),
            level: self.level,
            permits: self.permits.clone(),
            wanted: false,
        })
    }
}

struct Compressor {
    config: Arc<ResponseDirection>,
    level: Compression,
    permits: Arc<Semaphore>,
    /// The client takes gzip, and a body.
    wanted: bool,
}

impl Filter for Compressor {
    fn on_request<'a>(&'a mut self, mut request: Request, _: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        let is_head = request.method() == Method::HEAD;
        let headers = request.headers_mut();
        self.wanted = !is_head && prefers_gzip(&joined(headers, &ACCEPT_ENCODING));
        if self.config.common_config.enabled() && self.config.remove_accept_encoding_header {
            headers.remove(ACCEPT_ENCODING);
        }
        Box::pin(std::future::ready(Flow::Continue(request)))
    }

    fn on_response<'a>(&'a mut self, response: Response, _: &'a mut Exchange) -> BoxFuture<'a, Response> {
        Box::pin(std::future::ready(self.answer(response)))
    }
}

impl Compressor {
    fn answer(&self, mut response: Response) -> Response {
        // The body of an answer of the edge's own is not there yet, and short.
        if response.extensions().get::<LocalReply>().is_some() || !self.is_compressible(&response) {
            return response;
        }
        // Also on what this client gets as it is, for caches.
        let varies = joined(response.headers(), &VARY);
        if !has_token(&varies, "accept-encoding") {
            response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if !self.wanted || response.body().is_end_stream() {
            return response;
        }
        let Ok(permit) = self.permits.clone().try_acquire_owned() else { return response };
        let headers = response.headers_mut();
        headers.remove(CONTENT_LENGTH);
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        self.weaken_etag(headers);
        response.map(|body| GzipBody::new(body, self.level, permit).boxed_unsync())
    }

    fn is_compressible(&self, response: &Response) -> bool {
        let (common, headers) = (&self.config.common_config, response.headers());
        let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
        let length = match text(CONTENT_LENGTH) {
            Some(length) => Some(length.parse().unwrap_or(0)),
            None => response.body().size_hint().exact(),
        };
        let is_long_enough = length.is_none_or(|length| length >= common.min_content_length());
        let media_type = text(CONTENT_TYPE).map(|full| full.split(';').next().unwrap_or_default().trim());
        common.enabled()
            && is_long_enough
            && media_type.is_none_or(|media_type| common.takes(media_type))
            && !has_token(&joined(headers, &CACHE_CONTROL), "no-transform")
            && !(self.config.disable_on_etag_header && headers.contains_key(ETAG))
            && !headers.contains_key(CONTENT_ENCODING)
            && !headers.contains_key(CONTENT_RANGE)
    }

    /// A strong tag promises the same bytes (RFC 9110, 8.8.1).
    fn weaken_etag(&self, headers: &mut HeaderMap) {
        let Some(tag) = headers.get(ETAG) else { return };
        if tag.as_bytes().starts_with(b"W/") || tag.as_bytes().starts_with(b"w/") {
            return;
        }
        let weak = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat());
        match weak {
            Ok(weak) if self.config.weaken_etag_on_compress => headers.insert(ETAG, weak),
            _ => headers.remove(ETAG),
        };
    }
}

/// The values of all headers of this name.
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join(",")
}

fn has_token(list: &str, wanted: &str) -> bool {
    list.split(',').any(|token| token.trim().eq_ignore_ascii_case(wanted))
}
