//! HTTP/1: where messages begin and end, read strictly. The parser behind this one forgives a bare LF, and framing said in several ways;
//! a proxy in front may forgive otherwise, and then one of them takes for a body what the other takes for a request (RFC 9112, 11.2).

/// What is kept of a line: enough for the fields that tell how long a message is.
const KEPT: usize = 64;

/// Put into a stream instead of what is wrong with it: no part of a message goes on like that, and the parser answers 400. It
/// looks at a head only when that seems to have an end.
pub const MALFORMED_HEAD: &[u8] = b"\r\0\r\n\r\n";

/// Follows the messages of one connection.
#[derive(Debug)]
pub struct Heads {
    part: Part,
    line: Line,
    framing: Framing,
    /// Messages that were read whole.
    whole: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The request line, or empty lines before it.
    Start,
    /// Header fields.
    Fields,
    /// So many bytes of the body are to come.
    Body(u64),
    ChunkSize,
    /// So many bytes of the chunk are to come, with the line end behind them.
    Chunk(u64),
    Trailers,
}

/// What the fields say of the body.
#[derive(Debug, Default, Clone, Copy)]
struct Framing {
    length: Option<u64>,
    chunked: bool,
}

/// The line that is being read.
#[derive(Debug)]
struct Line {
    start: [u8; KEPT],
    length: usize,
    /// The last byte was a CR.
    cr: bool,
}

/// Something that nobody should send.
#[derive(Debug, PartialEq, Eq)]
struct Malformed;

impl Heads {
    pub fn new() -> Self {
        Self { part: Part::Start, line: Line::new(), framing: Framing::default(), whole: 0 }
    }

    /// How many messages were read whole; none while another one is being read.
    pub fn whole(&self) -> Option<u64> {
        let is_between = self.part == Part::Start && self.line.length == 0 && !self.line.cr;
        is_between.then_some(self.whole)
    }

    /// Reads on. Some if something is wrong: how many of `bytes` come before it.
    pub fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if let Part::Body(left) = &mut self.part {
                at += skip(left, bytes.len() - at);
                if *left == 0 {
                    self.part = Part::Start;
                    self.whole += 1;
                }
                continue;
            }
            if let Part::Chunk(left) = &mut self.part
                && *left > 0
            {
                at += skip(left, bytes.len() - at);
                continue;
            }
            // A fragment is the client's own (RFC 9110, 7.1). The parser cuts it off, where others take it for a part of the path.
            if self.part == Part::Start
                && let Some(before) = bytes[at..].iter().position(|byte| b"#\r".contains(byte))
                && bytes[at + before] == b'#'
            {
                return Some(at + before);
            }
            match self.line.read(&bytes[at..]) {
                Ok(None) => return None,
                Ok(Some(length)) => {
                    at += length;
                    if self.end_line().is_err() {
                        return Some(at - 1);
                    }
                    self.line = Line::new();
                }
                Err(before) => return Some(at + before),
            }
        }
        None
    }

    fn end_line(&mut self) -> Result<(), Malformed> {
        let line = &self.line;
        let before = self.part;
        self.part = match before {
            Part::Start if line.length == 0 => Part::Start,
            Part::Start => {
                self.framing = Framing::default();
                Part::Fields
            }
            Part::Fields if line.length == 0 => self.framing.body(),
            Part::Fields => {
                self.framing.field(line)?;
                Part::Fields
            }
            Part::ChunkSize => match line.chunk_size()? {
                0 => Part::Trailers,
                size => Part::Chunk(size),
            },
            // What stood behind the chunk.
            Part::Chunk(_) if line.length == 0 => Part::ChunkSize,
            Part::Chunk(_) => return Err(Malformed),
            Part::Trailers if line.length == 0 => Part::Start,
            Part::Trailers => Part::Trailers,
            Part::Body(_) => return Err(Malformed),
        };
        if before != Part::Start && self.part == Part::Start {
            self.whole += 1;
        }
        Ok(())
    }
}

fn skip(left: &mut u64, here: usize) -> usize {
    let skipped = usize::try_from(*left).unwrap_or(usize::MAX).min(here);
    *left -= u64::try_from(skipped).unwrap_or(*left);
    skipped
}

impl Line {
    fn new() -> Self {
        Self { start: [0; KEPT], length: 0, cr: false }
    }

    /// Reads to the end of the line, if it is here, and tells how many bytes that are; an error tells what comes before
    /// the byte that no line has: LF without CR, CR without LF, NUL.
    fn read(&mut self, bytes: &[u8]) -> Result<Option<usize>, usize> {
        for (at, byte) in bytes.iter().enumerate() {
            match (byte, self.cr) {
                (b'\n', true) => return Ok(Some(at + 1)),
                (b'\n' | 0, _) | (_, true) => return Err(at),
                (b'\r', false) => self.cr = true,
                _ => {
                    if let Some(kept) = self.start.get_mut(self.length) {
                        *kept = *byte;
                    }
                    self.length += 1;
                }
            }
        }
        Ok(None)
    }

    fn kept(&self) -> &[u8] {
        &self.start[..self.length.min(KEPT)]
    }

    /// Hexadecimal digits, and extensions, which mean nothing to us (RFC 9112, 7.1).
    fn chunk_size(&self) -> Result<u64, Malformed> {
        let digits = self.kept().iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (digits, rest) = self.kept().split_at(digits);
        let goes_on = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        if digits.is_empty() || digits.len() > 15 || goes_on.is_some_and(|byte| *byte != b';') {
            return Err(Malformed);
        }
        let text = std::str::from_utf8(digits).map_err(|_| Malformed)?;
        u64::from_str_radix(text, 16).map_err(|_| Malformed)
    }
}

impl Framing {
    fn field(&mut self, line: &Line) -> Result<(), Malformed> {
        let kept = line.kept();
        // A folded line belongs to the one before, or to none (RFC 9112, 5.2).
        if matches!(kept.first(), Some(b' ' | b'\t')) {
            return Err(Malformed);
        }
        let name = kept.split(|byte| *byte == b':').next().unwrap_or_default();
        let is = |wanted: &[u8]| name.trim_ascii_end().eq_ignore_ascii_case(wanted);
        let (is_length, is_encoding) = (is(b"content-length"), is(b"transfer-encoding"));
        if !is_length && !is_encoding {
            return Ok(());
        }
        let value = kept.get(name.len() + 1..).map(<[u8]>::trim_ascii).unwrap_or_default();
        let once = self.length.is_none() && !self.chunked;
        if line.length > KEPT || name.last().is_some_and(u8::is_ascii_whitespace) || !once {
            return Err(Malformed);
        }
        if is_length {
            self.length = Some(length(value)?);
        } else if value.eq_ignore_ascii_case(b"chunked") {
            self.chunked = true;
        } else {
            return Err(Malformed);
        }
        Ok(())
    }

    /// What comes behind the head.
    fn body(self) -> Part {
        match self {
            Self { chunked: true, .. } => Part::ChunkSize,
            Self { length: Some(length @ 1..), .. } => Part::Body(length),
            _ => Part::Start,
        }
    }
}

/// Digits only: no sign, no list (RFC 9112, 6.3).
fn length(value: &[u8]) -> Result<u64, Malformed> {
    let is_number = !value.is_empty() && value.len() <= 18 && value.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(value).ok().filter(|_| is_number).ok_or(Malformed)?;
    text.parse().map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much of `text` passes, whatever pieces it comes in.
    fn passed(text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let whole = Heads::new().read(bytes);
        for size in [1, 3, 10] {
            let mut heads = Heads::new();
            let mut before = 0;
            let cut = bytes.chunks(size).find_map(|piece| {
                let cut = heads.read(piece).map(|at| before + at);
                before += piece.len();
                cut
            });
            assert_eq!(cut, whole, "{text:?} by {size}");
        }
        whole
    }

    fn post(fields: &str, body: &str) -> String {
        format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n{body}")
    }

    #[test]
    fn messages_follow_each_other() {
        let two = format!(
            "{}{}\r\n{}{}GET /",
            post("Content-Length: 5", "a\nb\0c"),
            post("transfer-encoding:\tChunked ", "3;x=\"y\"\r\na\rb\r\n00 ; e\r\nX: 1\r\n\r\n"),
            post("Content-Length: 0", ""),
            post("X-Transfer-Encoding: gzip\r\nTransfer-Encoding-X: 1\r\nContent-LengthX: a", ""),
        );
        assert_eq!(passed(&two), None);
        let long =
            post(&format!("X: {}\r\nContent-Length: 3", "y".repeat(500)), "\n\n\nGET / HTTP/1.1\r\n\r\n");
        assert_eq!(passed(&long), None);
    }

    #[test]
    fn what_others_may_read_otherwise_is_refused() {
        for fields in [
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: identity, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: identity",
            "Transfer-Encoding:",
            "Transfer-Encoding: \"chunked\"",
            "Transfer-Encoding: chunked;q=1",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding : chunked",
            "Transfer-Encoding\t: chunked",
            "Transfer-Encoding",
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 0\r\nContent-Length: 0",
            "Content-Length: 5, 5",
            "Content-Length: +5",
            "Content-Length: -5",
            "Content-Length: 0x5",
            "Content-Length: 5 5",
            "Content-Length:",
            "Content-Length : 5",
            "Content-Length: 99999999999999999999",
            "X: 1\r\n folded: 2",
            "X: 1\nY: 2",
            "X: 1\rY: 2",
            "X: a\0b",
        ] {
            assert!(passed(&post(fields, "")).is_some(), "{fields:?}");
        }
        for text in
            ["GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n", "\nGET /", "GET /\rx"]
        {
            assert!(passed(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn chunks_are_read_strictly() {
        for body in [
            "5\nhello\r\n0\r\n\r\n",
            "5;x\nhello\r\n0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\r\nhello!\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\n",
            "5\r\nhello\r\n0\nX: 1\r\n\r\n",
            "0x5\r\nhello\r\n",
            "-5\r\nhello\r\n",
            "5 5\r\nhello\r\n",
            "fffffffffffffffff\r\n",
            ";x\r\n",
            "\r\n",
        ] {
            assert!(passed(&post("Transfer-Encoding: chunked", body)).is_some(), "{body:?}");
        }
    }

    #[test]
    fn what_comes_before_a_mistake_is_passed_on() {
        assert_eq!(passed("GET / HTTP/1.1\nX"), Some("GET / HTTP/1.1".len()));
        let first = post("Content-Length: 2", "ok");
        let second = "GET / HTTP/1.1\r\nContent-Length: x\r";
        assert_eq!(passed(&format!("{first}{second}\n\r\n")), Some(first.len() + second.len()));
    }
}
