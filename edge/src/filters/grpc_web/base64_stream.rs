//! Decodes a stream of base64 that is cut anywhere and may be padded in mid-stream, where a client encoded messages one by one.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{Buf as _, Bytes, BytesMut};
use http_body::Frame;

use crate::http::{Body, BoxError};

/// The text is not base64, or ends within a quantum of four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not base64 text in quanta of four characters")]
pub struct NotBase64;

/// Holds at most three undecoded characters between pieces.
#[derive(Default)]
pub struct Decoder {
    rest: BytesMut,
}

impl Decoder {
    /// Decodes all whole quanta of what was given so far.
    pub fn decode(&mut self, piece: &[u8]) -> Result<Bytes, NotBase64> {
        self.rest.extend_from_slice(piece);
        let whole = self.rest.len() / 4 * 4;
        let mut out = Vec::with_capacity(whole / 4 * 3);
        for segment in padded_segments(&self.rest[..whole]) {
            STANDARD.decode_vec(segment, &mut out).map_err(|_| NotBase64)?;
        }
        self.rest.advance(whole);
        Ok(out.into())
    }

    /// Call at the end of the stream.
    pub fn finish(&self) -> Result<(), NotBase64> {
        if self.rest.is_empty() { Ok(()) } else { Err(NotBase64) }
    }
}

/// Splits whole quanta behind each padded one.
fn padded_segments(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let end = text.iter().position(|&c| c == b'=').map_or(text.len(), |padding| (padding / 4 + 1) * 4);
        let (segment, rest) = text.split_at(end);
        text = rest;
        Some(segment)
    })
}

/// A request body in base64, decoded as it passes.
pub struct DecodedBody {
    pub inner: Body,
    pub decoder: Decoder,
    /// Tells the filter that the client, not the upstream, was at fault.
    pub malformed: Arc<AtomicBool>,
}

impl http_body::Body for DecodedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let decoded = match ready!(Pin::new(&mut self.inner).poll_frame(cx)?) {
                Some(frame) => match frame.into_data() {
                    Ok(data) => self.decoder.decode(&data),
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                None => match self.decoder.finish() {
                    Ok(()) => return Poll::Ready(None),
                    Err(error) => Err(error),
                },
            };
            match decoded {
                Ok(data) if data.is_empty() => {}
                Ok(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Err(error) => {
                    self.malformed.store(true, Ordering::Relaxed);
                    return Poll::Ready(Some(Err(error.into())));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(text: &[u8], piece: usize) -> Result<Vec<u8>, NotBase64> {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        for piece in text.chunks(piece) {
            out.extend_from_slice(&decoder.decode(piece)?);
        }
        decoder.finish().map(|()| out)
    }

    proptest! {
        #[test]
        fn any_cut_of_any_sequence_of_messages(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..6), piece in 1usize..9) {
            let text: String = messages.iter().map(|message| STANDARD.encode(message)).collect();
            prop_assert_eq!(decode(text.as_bytes(), piece), Ok(messages.concat()));
        }

        #[test]
        fn garbage_never_panics(text in prop::collection::vec(any::<u8>(), 0..64), piece in 1usize..9) {
            let _ = decode(&text, piece);
        }
    }

    #[test]
    fn malformed_text_is_refused() {
        for text in ["AAA", "A=AA", "====", "AA=A", "AA\0A", "AAAA A"] {
            assert_eq!(decode(text.as_bytes(), 1), Err(NotBase64), "{text:?}");
        }
    }
}
