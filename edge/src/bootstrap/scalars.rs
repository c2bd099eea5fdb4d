//! Small messages that many parts of the bootstrap share: durations, percentages, text matchers and header changes.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use regex::Regex;
use serde::{Deserialize, Deserializer, de};

/// A proto JSON duration such as `"0.25s"`; negative ones are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtoDuration(pub Duration);

impl ProtoDuration {
    /// The duration, or none for zero, which in Envoy's timeouts means "off".
    pub fn non_zero(self) -> Option<Duration> {
        (!self.0.is_zero()).then_some(self.0)
    }
}

impl<'de> Deserialize<'de> for ProtoDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_duration(&text).map(Self).ok_or_else(|| {
            de::Error::custom(format!("must be a duration in seconds such as \"0.25s\", is {text:?}"))
        })
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let number = text.strip_suffix('s')?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || fraction.len() > 9 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let nanos: u32 = format!("{fraction:0<9}").parse().ok()?;
    Some(Duration::new(whole.parse().ok()?, nanos))
}

/// `core.v3.RuntimeFractionalPercent`. There is no runtime layer, so `runtime_key` has no effect.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeFraction {
    default_value: FractionalPercent,
    #[serde(default, rename = "runtime_key")]
    _runtime_key: de::IgnoredAny,
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
    Hundred,
    TenThousand,
    Million,
}

impl RuntimeFraction {
    /// Whether the draw `roll`, uniform over all of `u32`, falls into the fraction.
    pub fn contains(self, roll: u32) -> bool {
        let denominator = match self.default_value.denominator {
            Denominator::Hundred => 100,
            Denominator::TenThousand => 10_000,
            Denominator::Million => 1_000_000,
        };
        roll % denominator < self.default_value.numerator
    }
}

/// `type.matcher.v3.StringMatcher`, without `custom`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "StringMatcherFields")]
pub struct StringMatcher {
    pattern: Pattern,
    ignore_case: bool,
}

#[derive(Debug)]
enum Pattern {
    Exact(String),
    Prefix(String),
    Suffix(String),
    Contains(String),
    Regex(Regex),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StringMatcherFields {
    exact: Option<String>,
    prefix: Option<String>,
    suffix: Option<String>,
    contains: Option<String>,
    safe_regex: Option<FullRegex>,
    #[serde(default)]
    ignore_case: bool,
}

/// `type.matcher.v3.RegexMatcher`: RE2 syntax, matches the whole text. The engine is linear in the text's length.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "RegexFields")]
pub struct FullRegex(Regex);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegexFields {
    regex: String,
    #[serde(default, rename = "google_re2")]
    _google_re2: de::IgnoredAny,
}

impl TryFrom<RegexFields> for FullRegex {
    type Error = String;

    fn try_from(fields: RegexFields) -> Result<Self, String> {
        let anchored = format!("^(?:{})$", fields.regex);
        let regex = regex::RegexBuilder::new(&anchored).size_limit(1 << 20).build();
        regex.map(Self).map_err(|e| format!("not a usable regular expression: {e}"))
    }
}

impl FullRegex {
    /// Whether all of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl TryFrom<StringMatcherFields> for StringMatcher {
    type Error = &'static str;

    fn try_from(fields: StringMatcherFields) -> Result<Self, Self::Error> {
        let fold = |text: String| if fields.ignore_case { text.to_ascii_lowercase() } else { text };
        let mut patterns = [
            fields.exact.map(|t| Pattern::Exact(fold(t))),
            fields.prefix.map(|t| Pattern::Prefix(fold(t))),
            fields.suffix.map(|t| Pattern::Suffix(fold(t))),
            fields.contains.map(|t| Pattern::Contains(fold(t))),
            fields.safe_regex.map(|r| Pattern::Regex(r.0)),
        ]
        .into_iter()
        .flatten();
        match (patterns.next(), patterns.next()) {
            (Some(Pattern::Regex(_)), None) if fields.ignore_case => {
                Err("ignore_case has no effect on safe_regex: write (?i) into the expression")
            }
            (Some(pattern), None) => Ok(Self { pattern, ignore_case: fields.ignore_case }),
            _ => Err("needs exactly one of exact, prefix, suffix, contains, safe_regex"),
        }
    }
}

impl StringMatcher {
    /// Whether `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        let folded;
        let text = if self.ignore_case {
            folded = text.to_ascii_lowercase();
            &folded
        } else {
            text
        };
        match &self.pattern {
            Pattern::Exact(wanted) => text == wanted,
            Pattern::Prefix(wanted) => text.starts_with(wanted.as_str()),
            Pattern::Suffix(wanted) => text.ends_with(wanted.as_str()),
            Pattern::Contains(wanted) => text.contains(wanted.as_str()),
            Pattern::Regex(regex) => regex.is_match(text),
        }
    }
}

/// `core.v3.HeaderValueOption`: one header to put on a message. Values with `%COMMAND%` are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "HeaderChangeFields")]
pub struct HeaderChange {
    name: HeaderName,
    value: HeaderValue,
    action: AppendAction,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderChangeFields {
    header: KeyValue,
    #[serde(default)]
    append_action: AppendAction,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyValue {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum AppendAction {
    #[default]
    AppendIfExistsOrAdd,
    AddIfAbsent,
    OverwriteIfExistsOrAdd,
    OverwriteIfExists,
}

impl TryFrom<HeaderChangeFields> for HeaderChange {
    type Error = String;

    fn try_from(fields: HeaderChangeFields) -> Result<Self, String> {
        let KeyValue { key, value } = fields.header;
        if key.starts_with(':') || key.eq_ignore_ascii_case("host") {
            return Err(format!("header {key:?} cannot be changed here"));
        }
        if value.replace("%%", "").contains('%') {
            return Err(format!("substitutions are not supported by this edge: {value:?}"));
        }
        let name = key.parse().map_err(|_| format!("{key:?} is not a header name"))?;
        let value =
            value.replace("%%", "%").parse().map_err(|_| format!("{value:?} is not a header value"))?;
        Ok(Self { name, value, action: fields.append_action })
    }
}

impl HeaderChange {
    /// Puts the header on `headers` as its `append_action` says.
    pub fn apply(&self, headers: &mut HeaderMap) {
        let present = headers.contains_key(&self.name);
        match (self.action, present) {
            (AppendAction::AppendIfExistsOrAdd, _) => {
                headers.append(&self.name, self.value.clone());
            }
            (AppendAction::AddIfAbsent, false)
            | (AppendAction::OverwriteIfExistsOrAdd, _)
            | (AppendAction::OverwriteIfExists, true) => {
                headers.insert(&self.name, self.value.clone());
            }
            (AppendAction::AddIfAbsent, true) | (AppendAction::OverwriteIfExists, false) => {}
        }
    }
}

/// Reads a header name of the configuration.
pub fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HeaderName, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(|_| de::Error::custom(format!("{name:?} is not a header name")))
}

/// Reads a list of header names of the configuration.
pub fn header_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<HeaderName>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let parse =
        |name: String| name.parse().map_err(|_| de::Error::custom(format!("{name:?} is not a header name")));
    names.into_iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::*;

    #[test]
    fn durations() {
        let read = |v: Value| from_value::<ProtoDuration>(v).map(|d| d.0).ok();
        assert_eq!(read(json!("0.25s")), Some(Duration::from_millis(250)));
        assert_eq!(read(json!("3600s")), Some(Duration::from_secs(3600)));
        assert_eq!(read(json!("0s")), Some(Duration::ZERO));
        for bad in [
            json!("-1s"),
            json!("1"),
            json!(1),
            json!("1m"),
            json!(".5s"),
            json!("1.2.3s"),
            json!("9999999999999s"),
        ] {
            assert_eq!(read(bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn matchers_cover_the_whole_text() {
        let matcher: StringMatcher =
            from_value(json!({"safe_regex": {"google_re2": {}, "regex": "https://.*\\.shop"}})).unwrap();
        assert!(matcher.is_match("https://a.shop"));
        assert!(!matcher.is_match("https://a.shop.evil"));
        let matcher: StringMatcher = from_value(json!({"exact": "ABC", "ignore_case": true})).unwrap();
        assert!(matcher.is_match("aBc"));
        assert!(from_value::<StringMatcher>(json!({})).is_err());
        assert!(from_value::<StringMatcher>(json!({"exact": "a", "prefix": "b"})).is_err());
    }

    #[test]
    fn fractions() {
        let half: RuntimeFraction =
            from_value(json!({"default_value": {"numerator": 50}, "runtime_key": "x"})).unwrap();
        assert!(half.contains(149) && !half.contains(150));
        let none: RuntimeFraction = from_value(json!({"default_value": {"denominator": "MILLION"}})).unwrap();
        assert!(!none.contains(0));
    }

    #[test]
    fn header_actions() {
        let apply = |action: &str, present: bool| {
            let change: HeaderChange =
                from_value(json!({"header": {"key": "x-a", "value": "new"}, "append_action": action}))
                    .unwrap();
            let mut headers = HeaderMap::new();
            if present {
                headers.insert("x-a", HeaderValue::from_static("old"));
            }
            change.apply(&mut headers);
            headers
                .get_all("x-a")
                .iter()
                .map(|v| v.to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
                .join(",")
        };
        assert_eq!(apply("APPEND_IF_EXISTS_OR_ADD", true), "old,new");
        assert_eq!(apply("ADD_IF_ABSENT", true), "old");
        assert_eq!(apply("OVERWRITE_IF_EXISTS_OR_ADD", true), "new");
        assert_eq!(apply("OVERWRITE_IF_EXISTS", false), "");
        let substitution = json!({"header": {"key": "x-a", "value": "%REQ(x)%"}});
        assert!(from_value::<HeaderChange>(substitution).is_err());
    }
}
