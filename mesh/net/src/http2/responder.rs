//! The way of one stream: its request is handled, and the answer sent.

use std::{
    error::Error,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use h2::{Reason, SendStream, server::SendResponse};
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CONNECTION, CONTENT_LENGTH, DATE, TE, TRANSFER_ENCODING, UPGRADE},
};
use http_body::Body;
use tokio::sync::oneshot;

use super::{super::BoxError, date};

/// Of one connection only (RFC 9110, 7.6.1); there are none in HTTP/2 (RFC 9113, 8.2.2).
const CONNECTION_SPECIFIC: [HeaderName; 5] = [
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TRANSFER_ENCODING,
    UPGRADE,
    TE,
];

/// A request whose answer is to come.
pub struct Responder {
    pub reply: SendResponse<Bytes>,
    /// To HEAD, the head is all of the answer.
    pub is_head: bool,
    /// Tells when the client should go on that waits to be asked for its body.
    pub wants_body: Option<oneshot::Receiver<()>>,
}

impl Responder {
    /// Waits for the answer and sends it. When the client resets the stream, or the connection ends, answer and body are dropped.
    pub async fn answer<F, B>(mut self, answer: F)
    where
        F: Future<Output = Response<B>> + Unpin,
        B: Body<Data = Bytes> + Unpin,
        B::Error: Into<BoxError>,
    {
        let sent = match self.wait(answer).await {
            Ok(response) => self.send(response).await,
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "stream ended early");
        }
    }

    async fn wait<F: Future + Unpin>(&mut self, mut answer: F) -> Result<F::Output, h2::Error> {
        poll_fn(|context| {
            if let Poll::Ready(response) = Pin::new(&mut answer).poll(context) {
                return Poll::Ready(Ok(response));
            }
            if let Some(wants_body) = &mut self.wants_body
                && let Poll::Ready(wanted) = Pin::new(wants_body).poll(context)
            {
                self.wants_body = None;
                if wanted.is_ok() {
                    let mut go_on = Response::new(());
                    *go_on.status_mut() = StatusCode::CONTINUE;
                    self.reply.send_informational(go_on)?;
                }
            }
            self.reply.poll_reset(context).map(|reset| Err(reset?.into()))
        })
        .await
    }

    async fn send<B>(&mut self, response: Response<B>) -> Result<(), h2::Error>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: Into<BoxError>,
    {
        let (mut head, body) = response.into_parts();
        strip(&mut head.headers);
        head.headers.entry(DATE).or_insert_with(date::now);
        let is_whole = body.is_end_stream();
        if !is_whole && let Some(length) = body.size_hint().exact() {
            head.headers.entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(length));
        }
        let is_whole = is_whole || self.is_head;
        let stream = self.reply.send_response(Response::from_parts(head, ()), is_whole);
        let stream = stream.inspect_err(|_| self.reply.send_reset(Reason::INTERNAL_ERROR))?;
        if is_whole { Ok(()) } else { send_body(body, stream).await }
    }
}

fn strip(headers: &mut HeaderMap) {
    for name in &CONNECTION_SPECIFIC {
        headers.remove(name);
    }
    // It names others.
    if let Some(named) = headers.remove(CONNECTION) {
        for name in named.to_str().unwrap_or_default().split(',') {
            headers.remove(name.trim());
        }
    }
}

/// Takes the next piece only when the one before has gone to the connection, so that a client which does not read holds up its own
/// stream, with one piece in hand.
async fn send_body<B>(mut body: B, mut stream: SendStream<Bytes>) -> Result<(), h2::Error>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    loop {
        // A body that always has more would keep its thread until a window is full, the connection's task waiting behind it.
        tokio::task::consume_budget().await;
        let frame = poll_fn(|context: &mut Context<'_>| {
            if let Poll::Ready(frame) = Pin::new(&mut body).poll_frame(context) {
                return Poll::Ready(Ok(frame));
            }
            stream.poll_reset(context).map(|reset| Err(h2::Error::from(reset?)))
        });
        let frame = match frame.await? {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                let error = error.into();
                tracing::debug!(error, "answer broke off");
                stream.send_reset(reason(&*error));
                return Ok(());
            }
            None => return stream.send_data(Bytes::new(), true),
        };
        match frame.into_data() {
            Ok(data) => {
                let is_last = body.is_end_stream();
                if !data.is_empty() {
                    capacity(&mut stream).await?;
                } else if !is_last {
                    continue;
                }
                stream.send_data(data, is_last)?;
                if is_last {
                    return Ok(());
                }
            }
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    stream.reserve_capacity(0);
                    return stream.send_trailers(trailers);
                }
            }
        }
    }
}

/// Waits until something can be sent. No more than a byte is asked for: a stream that waits for its window, or for its turn, must
/// not hold what others of the connection could send; `h2` asks for the rest once it has the piece.
async fn capacity(stream: &mut SendStream<Bytes>) -> Result<(), h2::Error> {
    stream.reserve_capacity(1);
    while stream.capacity() == 0 {
        // None: the stream is over.
        poll_fn(|context| stream.poll_capacity(context)).await.ok_or(Reason::CANCEL)??;
    }
    Ok(())
}

/// What a broken answer is reset with: what broke it, if that was HTTP/2 too.
fn reason(error: &(dyn Error + 'static)) -> Reason {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref::<h2::Error>()?.reason())
        .unwrap_or(Reason::INTERNAL_ERROR)
}
