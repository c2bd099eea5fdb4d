//! JSON text being written: escapes, commas and, if wanted, indentation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::{JsonError, Result};
use super::wire::{MAX_DEPTH, too_deep};

/// Appends JSON to a buffer.
pub struct Writer<'o> {
    pub out: &'o mut Vec<u8>,
    depth: usize,
    white_space: bool,
}

impl<'o> Writer<'o> {
    pub fn new(out: &'o mut Vec<u8>, white_space: bool) -> Self {
        Self { out, depth: 0, white_space }
    }

    /// A writer for a part of the same text.
    pub fn reborrow(&mut self) -> Writer<'_> {
        Writer { out: self.out, depth: self.depth, white_space: self.white_space }
    }

    /// Opens an object or list.
    pub fn open(&mut self, bracket: u8) -> Result<()> {
        if self.depth == MAX_DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        self.out.push(bracket);
        Ok(())
    }

    /// Closes what was opened last; `first` tells whether it is empty.
    pub fn close(&mut self, bracket: u8, first: bool) {
        self.depth -= 1;
        if !first {
            self.new_line();
        }
        self.out.push(bracket);
    }

    /// What comes before each member or element.
    pub fn separate(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.out.push(b',');
        }
        self.new_line();
    }

    fn new_line(&mut self) {
        if self.white_space {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + 2 * self.depth, b' ');
        }
    }

    /// What comes between a key and its value.
    pub fn colon(&mut self) {
        self.out.extend_from_slice(if self.white_space { b": " } else { b":" });
    }

    /// A key that needs no escapes.
    pub fn name(&mut self, name: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'"');
        self.colon();
    }

    pub fn literal(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub fn bool(&mut self, value: bool) {
        self.literal(if value { "true" } else { "false" });
    }

    pub fn integer(&mut self, value: impl itoa::Integer) {
        self.literal(itoa::Buffer::new().format(value));
    }

    /// 64-bit integers are strings: JavaScript's numbers would lose digits.
    pub fn quoted_integer(&mut self, value: impl itoa::Integer) {
        self.out.push(b'"');
        self.integer(value);
        self.out.push(b'"');
    }

    pub fn base64(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        let start = self.out.len();
        let length = base64::encoded_len(bytes.len(), true).expect("a slice is far smaller than usize::MAX");
        self.out.resize(start + length, 0);
        STANDARD.encode_slice(bytes, &mut self.out[start..]).expect("the room was made for it");
        self.out.push(b'"');
    }

    /// A string that the wire should hold as UTF-8.
    pub fn wire_string(&mut self, bytes: &[u8]) -> Result<()> {
        self.string(std::str::from_utf8(bytes).map_err(|_| JsonError::new("text is not UTF-8"))?);
        Ok(())
    }

    pub fn string(&mut self, text: &str) {
        self.out.push(b'"');
        let mut rest = text.as_bytes();
        while let Some(at) = rest.iter().position(|byte| matches!(byte, 0..=0x1f | b'"' | b'\\' | 0x7f)) {
            self.out.extend_from_slice(&rest[..at]);
            self.escape(rest[at]);
            rest = &rest[at + 1..];
        }
        self.out.extend_from_slice(rest);
        self.out.push(b'"');
    }

    fn escape(&mut self, byte: u8) {
        let letter = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            8 => b'b',
            0xc => b'f',
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                self.out.extend_from_slice(b"\\u00");
                self.out.extend_from_slice(&digits);
                return;
            }
        };
        self.out.extend_from_slice(&[b'\\', letter]);
    }
}
