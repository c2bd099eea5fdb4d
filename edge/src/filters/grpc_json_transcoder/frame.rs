//! gRPC messages in a byte stream: a flag, a length of four bytes, the message (gRPC over HTTP/2).

use bytes::{Buf, Bytes, BytesMut};

/// Flag and length.
const HEAD: usize = 5;

/// Appends one message, which `write` appends. The limit of a request body keeps it below 4 GiB.
pub fn encode<E>(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
    let start = out.len() + HEAD;
    out.resize(start, 0);
    write(out)?;
    let length = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    out[start - 4..start].copy_from_slice(&length.to_be_bytes());
    Ok(())
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

/// Finds messages in pieces of any size. One that lies within a piece is not copied.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The present piece, while nothing is held.
    piece: Bytes,
    /// What began in earlier pieces.
    held: BytesMut,
}

impl Decoder {
    /// Adds a piece.
    pub fn push(&mut self, piece: Bytes) {
        if self.is_empty() {
            self.piece = piece;
            return;
        }
        self.held.extend_from_slice(&std::mem::take(&mut self.piece));
        self.held.extend_from_slice(&piece);
    }

    /// The next whole message. A length is believed only up to `limit`.
    pub fn next(&mut self, limit: usize) -> Result<Option<Bytes>, FrameError> {
        let all = if self.held.is_empty() { &self.piece[..] } else { &self.held[..] };
        let Some((head, rest)) = all.split_first_chunk::<HEAD>() else { return Ok(None) };
        if head[0] != 0 {
            return Err(FrameError::Compressed);
        }
        let length =
            usize::try_from(u32::from_be_bytes([head[1], head[2], head[3], head[4]])).unwrap_or(usize::MAX);
        if length > limit {
            return Err(FrameError::TooLarge);
        }
        if rest.len() < length {
            return Ok(None);
        }
        if self.held.is_empty() {
            self.piece.advance(HEAD);
            return Ok(Some(self.piece.split_to(length)));
        }
        self.held.advance(HEAD);
        Ok(Some(self.held.split_to(length).freeze()))
    }

    /// Bytes that are left over.
    pub fn len(&self) -> usize {
        self.piece.len() + self.held.len()
    }

    /// Whether nothing is left over.
    pub fn is_empty(&self) -> bool {
        self.piece.is_empty() && self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_in_pieces_of_any_size() {
        let mut stream = Vec::new();
        for message in [&b"one"[..], b"", b"three"] {
            let write = |out: &mut Vec<u8>| {
                out.extend_from_slice(message);
                Ok::<_, ()>(())
            };
            encode(&mut stream, write).unwrap();
        }
        let stream = Bytes::from(stream);
        for size in 1..=stream.len() {
            let (mut decoder, mut found) = (Decoder::default(), Vec::new());
            for at in (0..stream.len()).step_by(size) {
                decoder.push(stream.slice(at..stream.len().min(at + size)));
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
        decoder.push(Bytes::from_static(&[1, 0, 0, 0, 0]));
        assert_eq!(decoder.next(10), Err(FrameError::Compressed));
        let mut decoder = Decoder::default();
        decoder.push(Bytes::from_static(&[0, 255, 255, 255, 255]));
        assert_eq!(decoder.next(10), Err(FrameError::TooLarge));
    }
}
