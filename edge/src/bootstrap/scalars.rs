//! Small types that many messages share: durations, wrappers, bytes, names, percentages.

use std::time::Duration;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned},
};
use serde_json::Value;

use super::proto_json::ProtoJson;

/// `google.protobuf.Duration`: text such as `"0.25s"`, or `{seconds: 300, nanos: 0}`. Never negative, and below 292 years, which is as
/// far as Envoy's clocks go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtoDuration(pub Duration);

/// Nanoseconds since the epoch in 64 bits.
const TOO_LONG: Duration = Duration::from_secs(9_223_372_036);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DurationFields {
    #[serde(default)]
    seconds: i64,
    #[serde(default)]
    nanos: i32,
}

impl ProtoDuration {
    /// The duration, or none for zero, which in Envoy's timeouts means "off".
    pub fn non_zero(self) -> Option<Duration> {
        (!self.0.is_zero()).then_some(self.0)
    }
}

impl<'de> Deserialize<'de> for ProtoDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let duration = match &value {
            Value::String(text) => parse_duration(text),
            Value::Object(_) => {
                let fields = DurationFields::deserialize(ProtoJson(value.clone()));
                duration(&fields.map_err(de::Error::custom)?)
            }
            _ => None,
        };
        let duration = duration.filter(|duration| *duration < TOO_LONG);
        duration.map(Self).ok_or_else(|| {
            let wanted =
                "must be a duration such as \"0.25s\" or {seconds: 300}, not negative and below 292 years";
            de::Error::custom(format!("{wanted}, is {value}"))
        })
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let number = text.strip_suffix('s')?;
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (number, ""),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || fraction.len() > 9 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let nanos: u32 = format!("{fraction:0<9}").parse().ok()?;
    Some(Duration::new(whole.parse().ok()?, nanos))
}

fn duration(fields: &DurationFields) -> Option<Duration> {
    let nanos = u32::try_from(fields.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(fields.seconds).ok()?, nanos))
}

/// `google.protobuf.UInt32Value`, `BoolValue` and their like: the bare value, or `{value: 60}`. An empty message holds zero or false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wrapper<T>(pub T);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrapperFields<T: Default> {
    #[serde(default)]
    value: T,
}

impl<'de, T: Default + DeserializeOwned> Deserialize<'de> for Wrapper<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let inner = if value.is_object() {
            WrapperFields::deserialize(ProtoJson(value)).map(|fields: WrapperFields<T>| fields.value)
        } else {
            T::deserialize(ProtoJson(value))
        };
        inner.map(Self).map_err(de::Error::custom)
    }
}

/// Bytes as base64, in either alphabet, padded or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base64Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Base64Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bare = text.trim_end_matches('=');
        let bytes = STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare));
        bytes.map(Self).map_err(|error| de::Error::custom(format!("is not base64: {error}")))
    }
}

/// Text that Envoy wants to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonEmpty(pub String);

impl<'de> Deserialize<'de> for NonEmpty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() { Err(de::Error::custom("must not be empty")) } else { Ok(Self(text)) }
    }
}

/// A message without fields.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmptyMessage {}

/// `core.v3.RuntimeFractionalPercent`. There is no runtime layer, so `runtime_key` has no effect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeFraction {
    default_value: FractionalPercent,
    #[serde(default, rename = "runtime_key")]
    _runtime_key: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FractionalPercent {
    #[serde(default)]
    numerator: u32,
    #[serde(default)]
    denominator: Denominator,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Denominator {
    #[default]
    #[serde(alias = "0")]
    Hundred,
    #[serde(alias = "1")]
    TenThousand,
    #[serde(alias = "2")]
    Million,
}

impl RuntimeFraction {
    /// Whether the draw `roll`, uniform over all of `u32`, falls into the fraction.
    pub fn contains(&self, roll: u32) -> bool {
        let denominator = match self.default_value.denominator {
            Denominator::Hundred => 100,
            Denominator::TenThousand => 10_000,
            Denominator::Million => 1_000_000,
        };
        roll % denominator < self.default_value.numerator
    }
}

/// `core.v3.RuntimeFeatureFlag`. There is no runtime layer, so `runtime_key` has no effect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeFlag {
    /// What holds.
    pub default_value: Wrapper<bool>,
    #[serde(default, rename = "runtime_key")]
    _runtime_key: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
        T::deserialize(ProtoJson(value)).map_err(|error| error.to_string())
    }

    #[test]
    fn durations() {
        let read = |v: Value| read::<ProtoDuration>(v).map(|d| d.0).ok();
        assert_eq!(read(json!("0.25s")), Some(Duration::from_millis(250)));
        assert_eq!(read(json!("3600s")), Some(Duration::from_secs(3600)));
        assert_eq!(read(json!("0s")), Some(Duration::ZERO));
        assert_eq!(read(json!({"seconds": 300})), Some(Duration::from_secs(300)));
        assert_eq!(read(json!({"seconds": "1", "nanos": 5e8})), Some(Duration::from_millis(1500)));
        assert_eq!(read(json!({"seconds": null})), Some(Duration::ZERO));
        for bad in [
            json!("-1s"),
            json!("1"),
            json!(1),
            json!("1m"),
            json!(".5s"),
            json!("5.s"),
            json!("1e3s"),
            json!(" 5s"),
            json!("+5s"),
            json!("1.2.3s"),
            json!("1.1234567890s"),
            json!("9223372036s"),
            json!("9999999999999s"),
            json!(""),
            json!(true),
            json!(["1s"]),
            json!({"seconds": -1}),
            json!({"seconds": 1, "nanos": -1}),
            json!({"nanos": 1_000_000_000}),
            json!({"seconds": "1s"}),
            json!({"second": 1}),
        ] {
            assert_eq!(read(bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn wrappers() {
        assert_eq!(read(json!("60")), Ok(Wrapper(60_u32)));
        assert_eq!(read(json!({"value": 60.0})), Ok(Wrapper(60_u32)));
        assert_eq!(read(json!({})), Ok(Wrapper(0_u32)));
        assert_eq!(read(json!({"value": "true"})), Ok(Wrapper(true)));
        assert!(read::<Wrapper<bool>>(json!({"value": 1})).is_err());
        assert!(read::<Wrapper<u32>>(json!({"vaule": 1})).is_err());
    }

    #[test]
    fn bytes() {
        for written in ["+/8=", "+/8", "-_8=", "-_8"] {
            assert_eq!(read(json!(written)), Ok(Base64Bytes(vec![0xfb, 0xff])), "{written}");
        }
        assert!(read::<Base64Bytes>(json!("!")).unwrap_err().contains("base64"));
    }

    #[test]
    fn fractions() {
        let half: RuntimeFraction =
            read(json!({"default_value": {"numerator": "50"}, "runtime_key": "x"})).unwrap();
        assert!(half.contains(149) && !half.contains(150));
        let none: RuntimeFraction = read(json!({"default_value": {"denominator": "million"}})).unwrap();
        assert!(!none.contains(0));
        let all: RuntimeFraction =
            read(json!({"default_value": {"numerator": 1e6, "denominator": 2}})).unwrap();
        assert!(all.contains(999_999));
        for wrong in [
            json!({}),
            json!({"default_value": null}),
            json!({"default_value": 100}),
            json!({"numerator": 1}),
        ] {
            assert!(read::<RuntimeFraction>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
