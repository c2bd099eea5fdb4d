//! gRPC messages in a byte stream: a flag, a length of four bytes, the message (gRPC over HTTP/2).

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Appends one message. The limit of a request body keeps it below 4 GiB.
pub fn encode(message: &[u8], out: &mut BytesMut) {
    out.reserve(5 + message.len());
    out.put_u8(0);
    out.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    out.put_slice(message);
}

/// Bytes that are no gRPC message this edge reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Flag other than zero: the edge asked for identity.
    #[error("the upstream compressed a message although it was not asked to")]
    Compressed,
    /// Longer than allowed.
    #[error("the upstream sent a message larger than the edge may hold")]
    TooLarge,
}

/// Finds messages in pieces of any size.
#[derive(Debug, Default)]
pub struct Decoder {
    held: BytesMut,
}

impl Decoder {
    /// Adds a piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.held.extend_from_slice(piece);
    }

    /// The next whole message. A length is believed only up to `limit`.
    pub fn next(&mut self, limit: usize) -> Result<Option<Bytes>, FrameError> {
        let Some((head, _)) = self.held.split_first_chunk::<5>() else { return Ok(None) };
        if head[0] != 0 {
            return Err(FrameError::Compressed);
        }
        let length =
            usize::try_from(u32::from_be_bytes([head[1], head[2], head[3], head[4]])).unwrap_or(usize::MAX);
        if length > limit {
            return Err(FrameError::TooLarge);
        }
        if self.held.len() - 5 < length {
            return Ok(None);
        }
        self.held.advance(5);
        Ok(Some(self.held.split_to(length).freeze()))
    }

    /// Bytes that are left over.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is left over.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_in_pieces_of_any_size() {
        let mut stream = BytesMut::new();
        for message in [&b"one"[..], b"", b"three"] {
            encode(message, &mut stream);
        }
        for size in 1..stream.len() {
            let (mut decoder, mut found) = (Decoder::default(), Vec::new());
            for piece in stream.chunks(size) {
                decoder.push(piece);
                while let Some(message) = decoder.next(100).unwrap() {
                    found.push(message);
                }
            }
            assert_eq!(found, [&b"one"[..], b"", b"three"]);
            assert!(decoder.is_empty());
        }
    }

    #[test]
    fn compressed_and_oversized_messages_are_refused_before_they_arrive() {
        let mut decoder = Decoder::default();
        decoder.push(&[1, 0, 0, 0, 0]);
        assert_eq!(decoder.next(10), Err(FrameError::Compressed));
        let mut decoder = Decoder::default();
        decoder.push(&[0, 255, 255, 255, 255]);
        assert_eq!(decoder.next(10), Err(FrameError::TooLarge));
    }
}
