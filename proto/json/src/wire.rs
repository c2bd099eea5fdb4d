//! The protobuf wire format (protobuf.dev, "Encoding"): reading hostile bytes and writing in one pass.

use prost::encoding::{decode_varint, encode_varint, encoded_len_varint};

use super::error::{JsonError, Result};

/// Deepest nesting of messages, lists and groups, in either direction.
pub const MAX_DEPTH: usize = 100;

/// One value as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Raw<'w> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    /// Text, bytes, a message or packed values.
    Bytes(&'w [u8]),
    /// What stands between a start and an end tag.
    Group(&'w [u8]),
}

impl Raw<'_> {
    /// The value that a field without presence has when it is not written.
    pub fn is_default(&self) -> bool {
        match self {
            Self::Varint(value) | Self::Fixed64(value) => *value == 0,
            Self::Fixed32(value) => *value == 0,
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Group(_) => false,
        }
    }
}

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const BYTES: u32 = 2;
const START_GROUP: u32 = 3;
const END_GROUP: u32 = 4;
const FIXED32: u32 = 5;

/// What comes before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    pub number: u32,
    wire_type: u32,
}

/// Reads the fields of one message.
#[derive(Clone, Debug)]
pub struct Reader<'w> {
    rest: &'w [u8],
}

impl<'w> Reader<'w> {
    pub fn new(message: &'w [u8]) -> Self {
        Self { rest: message }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next field's number and value.
    #[inline]
    pub fn field(&mut self) -> Result<Option<(u32, Raw<'w>)>> {
        let Some(tag) = self.next_tag()? else { return Ok(None) };
        Ok(Some((tag.number, self.value_of(tag)?)))
    }

    /// The next field's tag; its value must be read next.
    #[inline]
    pub fn next_tag(&mut self) -> Result<Option<Tag>> {
        if self.rest.is_empty() { Ok(None) } else { self.tag().map(Some) }
    }

    /// The value behind a tag.
    #[inline]
    pub fn value_of(&mut self, Tag { number, wire_type }: Tag) -> Result<Raw<'w>> {
        match wire_type {
            START_GROUP => {
                let start = self.rest;
                let end = self.skip_group(number)?;
                Ok(Raw::Group(&start[..start.len() - end]))
            }
            END_GROUP => Err(damaged("end of a group that was not begun")),
            _ => self.value(wire_type),
        }
    }

    #[inline]
    fn tag(&mut self) -> Result<Tag> {
        let tag = u32::try_from(self.varint()?).map_err(|_| damaged("tag beyond 32 bits"))?;
        if tag >> 3 == 0 {
            return Err(damaged("field number 0"));
        }
        Ok(Tag { number: tag >> 3, wire_type: tag & 7 })
    }

    #[inline]
    fn value(&mut self, wire_type: u32) -> Result<Raw<'w>> {
        Ok(match wire_type {
            VARINT => Raw::Varint(self.varint()?),
            FIXED64 => Raw::Fixed64(self.fixed64()?),
            FIXED32 => Raw::Fixed32(self.fixed32()?),
            BYTES => {
                let length = usize::try_from(self.varint()?).map_err(|_| truncated())?;
                Raw::Bytes(self.take(length)?)
            }
            _ => return Err(damaged("unknown wire type")),
        })
    }

    /// Goes behind the end of group `number`; returns how much was left where its end tag begins.
    fn skip_group(&mut self, number: u32) -> Result<usize> {
        let mut open = vec![number];
        loop {
            let left = self.rest.len();
            let Tag { number, wire_type } = self.tag()?;
            match wire_type {
                START_GROUP if open.len() == MAX_DEPTH => return Err(too_deep()),
                START_GROUP => open.push(number),
                END_GROUP if open.pop() != Some(number) => return Err(damaged("groups overlap")),
                END_GROUP if open.is_empty() => return Ok(left),
                END_GROUP => {}
                _ => {
                    self.value(wire_type)?;
                }
            }
        }
    }

    #[inline]
    pub fn varint(&mut self) -> Result<u64> {
        // Most are one byte long.
        if let [byte @ ..=0x7f, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(u64::from(*byte));
        }
        decode_varint(&mut self.rest).map_err(|_| damaged("varint cut short or too long"))
    }

    pub fn fixed64(&mut self) -> Result<u64> {
        let (value, rest) = self.rest.split_first_chunk().ok_or_else(truncated)?;
        self.rest = rest;
        Ok(u64::from_le_bytes(*value))
    }

    pub fn fixed32(&mut self) -> Result<u32> {
        let (value, rest) = self.rest.split_first_chunk().ok_or_else(truncated)?;
        self.rest = rest;
        Ok(u32::from_le_bytes(*value))
    }

    fn take(&mut self, length: usize) -> Result<&'w [u8]> {
        let (value, rest) = self.rest.split_at_checked(length).ok_or_else(truncated)?;
        self.rest = rest;
        Ok(value)
    }
}

fn damaged(problem: &str) -> JsonError {
    JsonError::new(format!("not a protobuf message: {problem}"))
}

fn truncated() -> JsonError {
    damaged("cut short")
}

pub fn too_deep() -> JsonError {
    JsonError::new(format!("nested deeper than {MAX_DEPTH} levels"))
}

/// What protobuf does with a varint that is too long for a 32-bit field: it keeps the low bits.
#[allow(clippy::cast_possible_truncation)]
pub fn low_bits(value: u64) -> u32 {
    value as u32
}

pub fn zigzag64(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

pub fn unzigzag64(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

pub fn put_varint_field(number: u32, value: u64, out: &mut Vec<u8>) {
    put_tag(number, VARINT, out);
    encode_varint(value, out);
}

pub fn put_bytes_field(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    put_tag(number, BYTES, out);
    put_bytes(bytes, out);
}

/// Length and content.
pub fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

pub fn put_varint(value: u64, out: &mut Vec<u8>) {
    encode_varint(value, out);
}

pub fn put_varint_tag(number: u32, out: &mut Vec<u8>) {
    put_tag(number, VARINT, out);
}

pub fn put_fixed64_tag(number: u32, out: &mut Vec<u8>) {
    put_tag(number, FIXED64, out);
}

pub fn put_fixed32_tag(number: u32, out: &mut Vec<u8>) {
    put_tag(number, FIXED32, out);
}

pub fn put_bytes_tag(number: u32, out: &mut Vec<u8>) {
    put_tag(number, BYTES, out);
}

pub fn put_group_start(number: u32, out: &mut Vec<u8>) {
    put_tag(number, START_GROUP, out);
}

pub fn put_group_end(number: u32, out: &mut Vec<u8>) {
    put_tag(number, END_GROUP, out);
}

fn put_tag(number: u32, wire_type: u32, out: &mut Vec<u8>) {
    encode_varint(u64::from(number << 3 | wire_type), out);
}

/// A length that is known only once its content is written.
#[must_use]
pub struct Length(usize);

/// Leaves room for a length of one byte, which most are.
pub fn begin_length(out: &mut Vec<u8>) -> Length {
    out.push(0);
    Length(out.len())
}

/// Writes the length; a content of 128 bytes or more moves up to make room.
pub fn end_length(Length(start): Length, out: &mut Vec<u8>) {
    let length = out.len() - start;
    if let Ok(short @ 0..=127) = u8::try_from(length) {
        out[start - 1] = short;
        return;
    }
    let end = out.len();
    let more = encoded_len_varint(length as u64) - 1;
    out.resize(end + more, 0);
    out.copy_within(start..end, start + more);
    encode_varint(length as u64, &mut &mut out[start - 1..start + more]);
}

/// Whether nothing was written behind `length`.
pub fn is_empty(length: &Length, out: &[u8]) -> bool {
    out.len() == length.0
}
