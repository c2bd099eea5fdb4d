//! The one reader of configuration values: a serde `Deserializer` that reads proto JSON, as lenient as Envoy and no more.
//!
//! Structs say what a field is by its Rust type (`bool`, `u32`, `String`, an enum, a list, a message); how a value of that type may be
//! written is decided here, for every field alike. <https://protobuf.dev/programming-guides/json>
//!
//! - `null` is a field that is not set; in a list it is a mistake.
//! - Numbers may stand in quotes, and have zeros behind a point or an exponent as long as they are whole.
//! - Booleans may stand in quotes, in any of the spellings of protobuf and YAML 1.1.
//! - Enums go by name in any case, or by number: the aliases of a variant.
//! - One value stands for a list of one.

use serde::de::{
    self, DeserializeSeed, Deserializer as _, EnumAccess, IntoDeserializer as _, VariantAccess, Visitor,
    value::StringDeserializer,
};
use serde_json::{Error, Map, Value};

/// A value of the bootstrap, to be read as whatever is asked for.
pub struct ProtoJson(pub Value);

fn wrong(wanted: &str, value: &Value) -> Error {
    let given = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    de::Error::custom(format!("must be {wanted}, is {given}"))
}

/// A whole number as protobuf reads it, in quotes or not; none for fractions and what is beyond 64 bits.
fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from))
            .or_else(|| whole_of(&number.as_f64()?.to_string())),
        Value::String(text) => whole_of(text),
        _ => None,
    }
}

/// `[+-] digits [. digits] [e [+-] digits]`. A leading zero is refused: YAML 1.1 reads `010` as eight.
fn whole_of(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|e| e.abs() <= 30)?),
        None => (digits, 0),
    };
    let (before, behind) = match mantissa.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let leads_with_zero = before.len() > 1 && before.starts_with('0');
    if before.is_empty() || leads_with_zero || !is_digits(before) || !is_digits(behind) || mantissa.len() > 30
    {
        return None;
    }
    // The point is moved by the exponent; what is behind it then must be zeros.
    let point = i32::try_from(before.len()).ok()? + exponent;
    let mut whole: i128 = 0;
    for (at, digit) in (0..).zip(before.bytes().chain(behind.bytes()).map(|b| i128::from(b - b'0'))) {
        if at < point {
            whole = whole.checked_mul(10)?.checked_add(digit)?;
        } else if digit != 0 {
            return None;
        }
    }
    let digits = i32::try_from(before.len() + behind.len()).ok()?;
    for _ in digits..point {
        whole = whole.checked_mul(10)?;
    }
    Some(if negative { -whole } else { whole })
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

macro_rules! whole_numbers {
    ($($method:ident $type:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let number = whole(&self.0).and_then(|number| $type::try_from(number).ok());
            let number = number.ok_or_else(|| {
                wrong(&format!("a whole number of {} to {}", $type::MIN, $type::MAX), &self.0)
            })?;
            visitor.$visit(number)
        }
    )*};
}

/// Kinds that no honored field has. Who adds one decides here how it is written.
macro_rules! not_read {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(de::Error::custom("is of a kind that this reader does not know"))
        }
    )*};
}

impl<'de> de::Deserializer<'de> for ProtoJson {
    type Error = Error;

    /// For what is read later, by whoever knows its type.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(truth(&self.0).ok_or_else(|| wrong("true or false", &self.0))?)
    }

    whole_numbers! {
        deserialize_u8 u8 visit_u8
        deserialize_u16 u16 visit_u16
        deserialize_u32 u32 visit_u32
        deserialize_u64 u64 visit_u64
        deserialize_i32 i32 visit_i32
        deserialize_i64 i64 visit_i64
    }

    not_read! {
        deserialize_i8 deserialize_i16 deserialize_i128 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_bytes deserialize_byte_buf deserialize_unit
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            scalar @ (Value::Bool(_) | Value::Number(_)) => Err(wrong("text, in quotes", &scalar)),
            other => Err(wrong("text", &other)),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = match self.0 {
            Value::Array(items) => items,
            one => vec![one],
        };
        visitor.visit_seq(de::value::SeqDeserializer::new(items.into_iter().map(ProtoJson)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(members) => visitor.visit_map(members_of(members)),
            other => Err(wrong("an object", &other)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(mut members) => {
                // A name that is no field stays, to be refused as such.
                members.retain(|name, value| !value.is_null() || !fields.contains(&name.as_str()));
                visitor.visit_map(members_of(members))
            }
            other => Err(wrong("an object", &other)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(members) => visitor.visit_enum(OneOf::of_members(members, variants)?),
            Value::String(_) | Value::Number(_) => visitor.visit_enum(OneOf::of_name(&self.0, variants)?),
            other => Err(wrong(&format!("one of {}", names(variants)), &other)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }
}

impl de::IntoDeserializer<'_, Error> for ProtoJson {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

type Members = de::value::MapDeserializer<'static, std::vec::IntoIter<(String, ProtoJson)>, Error>;

fn members_of(members: Map<String, Value>) -> Members {
    let members: Vec<_> = members.into_iter().map(|(name, value)| (name, ProtoJson(value))).collect();
    de::value::MapDeserializer::new(members.into_iter())
}

/// The names of variants, without their numbers.
fn names(variants: &[&str]) -> String {
    let names = variants.iter().filter(|name| !name.starts_with(|c: char| c.is_ascii_digit()));
    names.copied().collect::<Vec<_>>().join(", ")
}

/// An enum's value, or the member of a `oneof` that is set.
struct OneOf {
    variant: String,
    value: Option<Value>,
}

impl OneOf {
    fn of_name(value: &Value, variants: &[&str]) -> Result<Self, Error> {
        let name = match value {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        };
        let known = variants.iter().find(|variant| variant.eq_ignore_ascii_case(&name));
        let variant = known.ok_or_else(|| wrong(&format!("one of {}", names(variants)), value))?;
        Ok(Self { variant: (*variant).to_owned(), value: None })
    }

    fn of_members(mut members: Map<String, Value>, variants: &[&str]) -> Result<Self, Error> {
        members.retain(|name, value| !value.is_null() || !variants.contains(&name.as_str()));
        if let Some(unknown) = members.keys().find(|name| !variants.contains(&name.as_str())) {
            let known = names(variants);
            return Err(de::Error::custom(format!("unknown field `{unknown}`, expected one of {known}")));
        }
        let mut members = members.into_iter();
        match (members.next(), members.next()) {
            (Some((variant, value)), None) => Ok(Self { variant, value: Some(value) }),
            _ => Err(de::Error::custom(format!("needs exactly one of {}", names(variants)))),
        }
    }
}

impl<'de> EnumAccess<'de> for OneOf {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name: StringDeserializer<Error> = self.variant.clone().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for OneOf {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.value {
            None => Ok(()),
            Some(value) => Err(wrong("a name", &value)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        match self.value {
            Some(value) => seed.deserialize(ProtoJson(value)),
            None => Err(de::Error::custom(format!("must be an object with the member {}", self.variant))),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        ProtoJson(Value::Null).deserialize_tuple(0, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        ProtoJson(Value::Null).deserialize_tuple(0, visitor)
    }
}

#[cfg(test)]
mod tests;
