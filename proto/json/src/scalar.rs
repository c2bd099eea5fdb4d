//! One scalar, from the JSON or the text that stands for it to its bytes on the wire (without a tag).

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::error::{JsonError, Result};
use super::options::ParseOptions;
use super::table::{Enum, Kind, Tables};
use super::{number, wire};

/// Padding is optional and stray last bits are dropped, as in protobuf's own parsers.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Writes scalars of one codec.
#[derive(Clone, Copy)]
pub struct Scalars<'c> {
    pub tables: &'c Tables,
    any_case_enums: bool,
    /// Zeros inside of messages are written too: what is written stands behind other fields, which it overrides.
    pub overrides: bool,
}

impl<'c> Scalars<'c> {
    pub fn new(tables: &'c Tables, options: &ParseOptions) -> Self {
        Self { tables, any_case_enums: options.case_insensitive_enum, overrides: false }
    }

    pub fn overriding(self) -> Self {
        Self { overrides: true, ..self }
    }

    /// A JSON string: text, bytes, an enum's name or number, or another scalar in quotes.
    pub fn string(self, kind: Kind, text: &str, out: &mut Vec<u8>) -> Result<()> {
        match kind {
            Kind::String => wire::put_bytes(text.as_bytes(), out),
            Kind::Bytes => wire::put_bytes(&decode_base64(text)?, out),
            Kind::Enum(id) => put_enum(self.enum_number(&self.tables[id], text)?, out),
            Kind::Double | Kind::Float if matches!(text, "NaN" | "Infinity" | "-Infinity") => {
                put_word(kind, text, out);
            }
            Kind::Bool => out.push(u8::from(truth(text).ok_or_else(|| mismatch(kind))?)),
            Kind::Message(_) | Kind::Group(_) => return Err(mismatch(kind)),
            _ if number::is_number(text) => return self.number(kind, text, out),
            _ => return Err(mismatch(kind)),
        }
        Ok(())
    }

    /// A JSON number.
    pub fn number(self, kind: Kind, text: &str, out: &mut Vec<u8>) -> Result<()> {
        match kind {
            Kind::Double => {
                let value: f64 = text.parse().map_err(|_| mismatch(kind))?;
                finite(value.is_finite())?;
                out.extend_from_slice(&value.to_le_bytes());
            }
            Kind::Float => {
                let value: f32 = text.parse().map_err(|_| mismatch(kind))?;
                finite(value.is_finite())?;
                out.extend_from_slice(&value.to_le_bytes());
            }
            Kind::Bool | Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_) => {
                return Err(mismatch(kind));
            }
            _ => {
                let value = number::integer(text).ok_or_else(|| not_whole(kind, text))?;
                put_integer(kind, value, out).ok_or_else(|| not_whole(kind, text))?;
            }
        }
        Ok(())
    }

    /// `true` or `false`.
    pub fn bool(kind: Kind, value: bool, out: &mut Vec<u8>) -> Result<()> {
        if kind != Kind::Bool {
            return Err(mismatch(kind));
        }
        out.push(u8::from(value));
        Ok(())
    }

    /// Text that stands alone: the key of a map, a path segment or a query value. It is as in a JSON string, but whole numbers have
    /// digits only.
    pub fn text(self, kind: Kind, text: &str, out: &mut Vec<u8>) -> Result<()> {
        let is_other = matches!(
            kind,
            Kind::Bool | Kind::String | Kind::Bytes | Kind::Enum(_) | Kind::Double | Kind::Float
        );
        if !is_other && text.contains(['.', 'e', 'E']) {
            return Err(mismatch(kind));
        }
        self.string(kind, text, out)
    }

    fn enum_number(self, of: &Enum, name: &str) -> Result<i32> {
        of.number(name, self.any_case_enums)
            .ok_or_else(|| JsonError::new(format!("{:?} is no value of this enum", shortened(name))))
    }
}

/// A boolean as clients write it outside of JSON, in any case (absl's `SimpleAtob`, which Envoy reads it by).
fn truth(text: &str) -> Option<bool> {
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if ["true", "1", "t", "yes", "y"].iter().any(is) {
        return Some(true);
    }
    ["false", "0", "f", "no", "n"].iter().any(is).then_some(false)
}

fn decode_base64(text: &str) -> Result<Vec<u8>> {
    let engine = if text.contains(['-', '_']) { &BASE64_URL } else { &BASE64 };
    engine.decode(text).map_err(|_| mismatch(Kind::Bytes))
}

fn put_word(kind: Kind, word: &str, out: &mut Vec<u8>) {
    let value = match word {
        "NaN" => f32::NAN,
        "Infinity" => f32::INFINITY,
        _ => f32::NEG_INFINITY,
    };
    if kind == Kind::Float {
        out.extend_from_slice(&value.to_le_bytes());
    } else {
        out.extend_from_slice(&f64::from(value).to_le_bytes());
    }
}

/// Enums and `int32` are sign-extended to 64 bits on the wire.
fn put_enum(number: i32, out: &mut Vec<u8>) {
    wire::put_varint(i64::from(number).cast_unsigned(), out);
}

fn put_integer(kind: Kind, value: i128, out: &mut Vec<u8>) -> Option<()> {
    let int32 = || i32::try_from(value).ok();
    let int64 = || i64::try_from(value).ok();
    match kind {
        Kind::Int32 | Kind::Enum(_) => put_enum(int32()?, out),
        Kind::Int64 => wire::put_varint(int64()?.cast_unsigned(), out),
        Kind::Uint32 => wire::put_varint(u32::try_from(value).ok()?.into(), out),
        Kind::Uint64 => wire::put_varint(u64::try_from(value).ok()?, out),
        Kind::Sint32 => wire::put_varint(wire::unzigzag64(int32()?.into()), out),
        Kind::Sint64 => wire::put_varint(wire::unzigzag64(int64()?), out),
        Kind::Fixed32 => out.extend_from_slice(&u32::try_from(value).ok()?.to_le_bytes()),
        Kind::Fixed64 => out.extend_from_slice(&u64::try_from(value).ok()?.to_le_bytes()),
        Kind::Sfixed32 => out.extend_from_slice(&int32()?.to_le_bytes()),
        Kind::Sfixed64 => out.extend_from_slice(&int64()?.to_le_bytes()),
        _ => return None,
    }
    Some(())
}

fn finite(finite: bool) -> Result<()> {
    if finite { Ok(()) } else { Err(JsonError::new("the number is too large for this type")) }
}

fn not_whole(kind: Kind, text: &str) -> JsonError {
    JsonError::new(format!("must be {}, is {}", describe(kind), shortened(text)))
}

/// The value is of another type than the field.
pub fn mismatch(kind: Kind) -> JsonError {
    JsonError::new(format!("must be {}", describe(kind)))
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Double | Kind::Float => "a number, \"NaN\", \"Infinity\" or \"-Infinity\"",
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => "a whole number of 32 bits",
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "a whole number of 64 bits, best in quotes",
        Kind::Uint32 | Kind::Fixed32 => "a whole number from 0 to 4294967295",
        Kind::Uint64 | Kind::Fixed64 => "a whole number from 0 to 18446744073709551615, best in quotes",
        Kind::Bool => "true or false",
        Kind::String => "a string",
        Kind::Bytes => "base64 in a string",
        Kind::Enum(_) => "the name or number of an enum value",
        Kind::Message(_) | Kind::Group(_) => "an object",
    }
}

/// For messages: not more of the client's text than helps.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(64) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}
