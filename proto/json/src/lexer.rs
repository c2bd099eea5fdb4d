//! JSON text (RFC 8259), token by token and strictly: no comments, no trailing commas, no lone surrogates, no text behind the end.

use std::borrow::Cow;

use super::error::{JsonError, Result};
use super::wire::{MAX_DEPTH, too_deep};
use super::{number, scan};

/// Longest key of an object, in bytes as written.
const MAX_KEY: usize = 64 * 1024;

/// A position in a JSON text.
#[derive(Clone, Debug)]
pub struct Lexer<'j> {
    text: &'j str,
    at: usize,
    depth: usize,
}

impl<'j> Lexer<'j> {
    pub fn new(text: &'j str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// The next byte that is no white space.
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.at += usize::from(here);
        here
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(&format!("`{}`", char::from(byte)))) }
    }

    /// Goes into an object.
    pub fn open_object(&mut self) -> Result<()> {
        if self.peek() != Some(b'{') {
            return Err(self.unexpected("an object"));
        }
        self.open()
    }

    /// Goes into a list.
    pub fn open_list(&mut self) -> Result<()> {
        if self.peek() != Some(b'[') {
            return Err(self.unexpected("a list"));
        }
        self.open()
    }

    fn open(&mut self) -> Result<()> {
        if self.depth == MAX_DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// The key of the next member, with its value to be read next; none at the end of the object.
    pub fn member(&mut self, first: &mut bool) -> Result<Option<Cow<'j, str>>> {
        if !self.separator(b'}', first)? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let start = self.at;
        let key = self.string()?;
        if self.at - start > MAX_KEY {
            return Err(JsonError::new(format!("a key is longer than {MAX_KEY} bytes")));
        }
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Whether another element follows; false at the end of the list.
    pub fn element(&mut self, first: &mut bool) -> Result<bool> {
        self.separator(b']', first)
    }

    fn separator(&mut self, end: u8, first: &mut bool) -> Result<bool> {
        if self.take(end) {
            // A trailing comma is caught below: behind a comma a value must follow.
            self.depth -= 1;
            return Ok(false);
        }
        if !std::mem::take(first) {
            if !self.take(b',') {
                return Err(self.unexpected(&format!("`,` or `{}`", char::from(end))));
            }
            if self.peek() == Some(end) {
                return Err(self.unexpected("a value, not a trailing comma,"));
            }
        }
        Ok(true)
    }

    /// Takes `null`, `true` or `false` if it comes next.
    pub fn word(&mut self, word: &str) -> bool {
        self.peek();
        let rest = &self.text.as_bytes()[self.at..];
        let here = rest.starts_with(word.as_bytes())
            && !rest.get(word.len()).is_some_and(|byte| byte.is_ascii_alphanumeric());
        if here {
            self.at += word.len();
        }
        here
    }

    /// A number, as it is written.
    pub fn number(&mut self) -> Result<&'j str> {
        self.peek();
        let rest = &self.text[self.at..];
        let length = number::length(rest.as_bytes()).ok_or_else(|| self.unexpected("a number"))?;
        if rest.as_bytes().get(length).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.') {
            return Err(self.unexpected("a number"));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// A string without its quotes and escapes.
    pub fn string(&mut self) -> Result<Cow<'j, str>> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a string"));
        }
        self.at += 1;
        let start = self.at;
        let plain = self.plain_length()?;
        self.at += plain;
        if self.text.as_bytes()[self.at] == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
        }
        let mut unescaped = self.text[start..self.at].to_owned();
        loop {
            match self.text.as_bytes()[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(Cow::Owned(unescaped));
                }
                b'\\' => unescaped.push(self.escape()?),
                _ => {
                    let length = self.plain_length()?;
                    unescaped.push_str(&self.text[self.at..self.at + length]);
                    self.at += length;
                }
            }
            if self.at == self.text.len() {
                return Err(self.unexpected("the end of a string"));
            }
        }
    }

    /// How many bytes from here need no unescaping; a quote or a backslash follows.
    fn plain_length(&mut self) -> Result<usize> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = scan::until_quote(rest);
        match rest.get(length) {
            Some(0x20..) => Ok(length),
            Some(_) => {
                self.at += length;
                Err(self.unexpected("an escape (control characters must be escaped)"))
            }
            None => {
                self.at = self.text.len();
                Err(self.unexpected("the end of a string"))
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let bad = |lexer: &Self| lexer.unexpected("a valid escape");
        let byte = *self.text.as_bytes().get(self.at + 1).ok_or_else(|| bad(self))?;
        let char = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(bad(self)),
        };
        self.at += 2;
        Ok(char)
    }

    /// `\uXXXX`, or two of them that are a surrogate pair.
    fn unicode_escape(&mut self) -> Result<char> {
        let lone = |lexer: &Self| lexer.unexpected("a surrogate pair");
        let unit = self.hex4()?;
        let code = match unit {
            0xd800..=0xdbff => match self.hex4() {
                Ok(low @ 0xdc00..=0xdfff) => 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00),
                _ => return Err(lone(self)),
            },
            unit => unit,
        };
        char::from_u32(code).ok_or_else(|| lone(self))
    }

    fn hex4(&mut self) -> Result<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 6);
        let digits = digits.and_then(|escape| escape.strip_prefix(b"\\u"));
        let Some(digits) = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)) else {
            return Err(self.unexpected("four hexadecimal digits"));
        };
        self.at += 6;
        let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or_default();
        Ok(digits.iter().fold(0, |code, byte| code << 4 | digit(byte)))
    }

    /// Goes behind a value of any kind, which must be valid JSON.
    pub fn skip_value(&mut self) -> Result<()> {
        let mut first = true;
        match self.peek() {
            Some(b'{') => {
                self.open_object()?;
                while self.member(&mut first)?.is_some() {
                    self.skip_value()?;
                }
            }
            Some(b'[') => {
                self.open_list()?;
                while self.element(&mut first)? {
                    self.skip_value()?;
                }
            }
            Some(b'"') => {
                self.string()?;
            }
            Some(b'n' | b't' | b'f') if self.word("null") || self.word("true") || self.word("false") => {}
            _ => {
                self.number().map_err(|_| self.unexpected("a value"))?;
            }
        }
        Ok(())
    }

    /// The text of the next value, behind which this goes.
    pub fn value_text(&mut self) -> Result<&'j str> {
        self.peek();
        let start = self.at;
        self.skip_value()?;
        Ok(&self.text[start..self.at])
    }

    /// Nothing but white space may be left.
    pub fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end of the text")),
        }
    }

    /// An error at the present position.
    pub fn unexpected(&self, expected: &str) -> JsonError {
        let before = &self.text.as_bytes()[..self.at];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
        let found = match self.text[self.at..].chars().next() {
            None => "the end of the text".to_owned(),
            Some(found) => format!("{found:?}"),
        };
        JsonError::new(format!("expected {expected} but found {found} at line {line} column {column}"))
    }
}
