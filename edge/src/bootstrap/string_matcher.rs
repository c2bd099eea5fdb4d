//! `type.matcher.v3`: matchers of text.

use regex::Regex;
use serde::Deserialize;

use super::scalars::{NonEmpty, Wrapper};

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
    prefix: Option<NonEmpty>,
    suffix: Option<NonEmpty>,
    contains: Option<NonEmpty>,
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
    regex: NonEmpty,
    #[serde(rename = "google_re2")]
    _google_re2: Option<Re2>,
}

/// `RegexMatcher.GoogleRE2`, the only engine there is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Re2 {
    /// Deprecated; what a program may cost is bounded here in any case.
    #[serde(rename = "max_program_size")]
    _max_program_size: Option<Wrapper<u32>>,
}

impl TryFrom<RegexFields> for FullRegex {
    type Error = String;

    fn try_from(fields: RegexFields) -> Result<Self, String> {
        let anchored = format!("^(?:{})$", fields.regex.0);
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
            fields.prefix.map(|t| Pattern::Prefix(fold(t.0))),
            fields.suffix.map(|t| Pattern::Suffix(fold(t.0))),
            fields.contains.map(|t| Pattern::Contains(fold(t.0))),
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

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn matchers_cover_the_whole_text() {
        let matcher: StringMatcher =
            from_value(json!({"safe_regex": {"google_re2": {}, "regex": "https://.*\\.shop"}})).unwrap();
        assert!(matcher.is_match("https://a.shop"));
        assert!(!matcher.is_match("https://a.shop.evil"));
        let matcher: StringMatcher = from_value(json!({"exact": "ABC", "ignore_case": true})).unwrap();
        assert!(matcher.is_match("aBc"));
        assert!(from_value::<StringMatcher>(json!({})).is_err());
        assert!(from_value::<StringMatcher>(json!({"prefix": ""})).is_err());
        assert!(from_value::<StringMatcher>(json!({"exact": "a", "prefix": "b"})).is_err());
    }
}
