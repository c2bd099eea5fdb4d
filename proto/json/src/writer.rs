//! JSON text being written: escapes, commas and, if wanted, indentation.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::error::{JsonError, Result};
use super::scan;
use super::wire::{MAX_DEPTH, too_deep};

/// A place in a text.
#[derive(Clone, Copy)]
pub struct Mark {
    length: usize,
    depth: usize,
}

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

    /// Where the text stands.
    pub fn mark(&self) -> Mark {
        Mark { length: self.out.len(), depth: self.depth }
    }

    /// Takes back what was written since.
    pub fn rewind(&mut self, Mark { length, depth }: Mark) {
        self.out.truncate(length);
        self.depth = depth;
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

    /// What comes before a member, its key and a colon, as it was rendered beforehand: `,"name":`.
    pub fn key(&mut self, rendered: &[u8], first: &mut bool) {
        if self.white_space {
            self.separate(first);
            self.out.extend_from_slice(&rendered[1..]);
            self.out.push(b' ');
            return;
        }
        let from = usize::from(std::mem::take(first));
        self.out.extend_from_slice(&rendered[from..]);
    }

    pub fn literal(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A string that was rendered beforehand.
    pub fn rendered(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
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
        self.out.push(b'"');
        // Most texts are all of this.
        let plain = scan::until(bytes, |byte| needs_escape(byte) | (byte >= 0x80));
        self.out.extend_from_slice(&bytes[..plain]);
        if plain < bytes.len() {
            let rest =
                std::str::from_utf8(&bytes[plain..]).map_err(|_| JsonError::new("text is not UTF-8"))?;
            self.escaped(rest);
        }
        self.out.push(b'"');
        Ok(())
    }

    pub fn string(&mut self, text: &str) {
        self.out.push(b'"');
        self.escaped(text);
        self.out.push(b'"');
    }

    fn escaped(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        loop {
            let (plain, tail) = rest.split_at(scan::until(rest, needs_escape));
            self.out.extend_from_slice(plain);
            let [byte, tail @ ..] = tail else { return };
            self.escape(*byte);
            rest = tail;
        }
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

fn needs_escape(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0x7f)
}
