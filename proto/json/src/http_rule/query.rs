//! Percent-encoding in paths and queries (RFC 3986), and the parameters of a query.

/// Which percent-encoded characters of a variable of several segments are decoded (Envoy's `url_unescape_spec`). A variable of one
/// segment is always decoded completely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unescape {
    /// All but those that RFC 6570 reserves.
    #[default]
    AllExceptReserved,
    /// All but the slash.
    AllExceptSlash,
    /// All.
    All,
}

const RESERVED: &[u8] = b":/?#[]@!$&'()*+,;=";

/// Why text cannot be decoded.
pub const MALFORMED: &str = "has malformed percent-encoding, a NUL, or is not UTF-8";

impl Unescape {
    /// The decoded text; none if it is malformed.
    pub fn decode(self, text: &str) -> Option<String> {
        decode(text, |byte| match self {
            Self::AllExceptReserved => RESERVED.contains(&byte),
            Self::AllExceptSlash => byte == b'/',
            Self::All => false,
        })
    }
}

fn decode(text: &str, stays_encoded: impl Fn(u8) -> bool) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            decoded.push(*first);
            continue;
        }
        let digits = tail.get(..2)?;
        let digit =
            |at: usize| char::from(digits[at]).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let byte = digit(0)? << 4 | digit(1)?;
        match byte {
            0 => return None,
            byte if stays_encoded(byte) => decoded.extend_from_slice(&[b'%', digits[0], digits[1]]),
            byte => decoded.push(byte),
        }
        rest = &tail[2..];
    }
    String::from_utf8(decoded).ok()
}

/// Name and value of each parameter, still encoded. What has no `=` or no name is no parameter.
pub fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(name, _)| !name.is_empty())
}

/// The decoded name or value of a parameter; none if it is malformed.
pub fn decode_parameter(text: &str, plus_is_space: bool) -> Option<String> {
    if plus_is_space { Unescape::All.decode(&text.replace('+', " ")) } else { Unescape::All.decode(text) }
}
