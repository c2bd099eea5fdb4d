//! The rules of `buf.validate` that the contracts use.

use prost_types::{Duration, FieldMask, Timestamp};

use super::{FieldPath, Validate, Violation, pattern::Pattern, text, text_kind::TextKind};
use crate::google::r#type::Money;

pub(super) struct StringRules {
    pub min_len: usize,
    pub max_len: usize,
    pub pattern: Option<&'static Pattern>,
    pub kind: TextKind,
}

fn report(at: &FieldPath, out: &mut Vec<Violation>, description: impl Into<String>) {
    out.push(Violation { field: at.to_string(), description: description.into() });
}

pub(super) fn string(value: &str, rules: &StringRules, at: &mut FieldPath, out: &mut Vec<Violation>) {
    // A character has one to four bytes.
    let fits = value.len().div_ceil(4) >= rules.min_len && value.len() <= rules.max_len;
    let length = (!fits).then(|| value.chars().count());
    if length.is_some_and(|length| length < rules.min_len) {
        let text = if value.is_empty() {
            "is required".to_owned()
        } else {
            format!("must have at least {} characters", rules.min_len)
        };
        return report(at, out, text);
    }
    if length.is_some_and(|length| length > rules.max_len) {
        return report(at, out, format!("must have at most {} characters", rules.max_len));
    }
    if let Some(pattern) = rules.pattern.filter(|pattern| !pattern.is_match(value)) {
        let text = if value.is_empty() { "is required and must match" } else { "must match" };
        return report(at, out, format!("{text} {}", pattern.text));
    }
    if let Some(problem) = text::problem(value, rules.kind) {
        report(at, out, problem);
    }
}

pub(super) fn integer(
    value: i64,
    gte: i64,
    lte: i64,
    not_in: &[i64],
    at: &mut FieldPath,
    out: &mut Vec<Violation>,
) {
    if value < gte {
        report(at, out, format!("must be at least {gte}"));
    } else if value > lte {
        report(at, out, format!("must be at most {lte}"));
    } else if not_in.contains(&value) {
        report(at, out, format!("must not be {value}"));
    }
}

pub(super) fn enumeration(
    value: i32,
    defined: &[i32],
    not_in: &[i64],
    at: &mut FieldPath,
    out: &mut Vec<Violation>,
) {
    if !defined.contains(&value) {
        report(at, out, "must be a defined value");
    } else if not_in.contains(&i64::from(value)) {
        report(at, out, if value == 0 { "is required" } else { "must not have this value" });
    }
}

pub(super) fn items<T>(list: &[T], min: usize, max: usize, at: &mut FieldPath, out: &mut Vec<Violation>) {
    if list.len() < min {
        report(at, out, format!("must have at least {min} items"));
    } else if list.len() > max {
        report(at, out, format!("must have at most {max} items"));
    }
}

pub(super) fn unique<T: Ord>(list: &[T], at: &mut FieldPath, out: &mut Vec<Violation>) {
    let mut sorted: Vec<&T> = list.iter().collect();
    sorted.sort();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        report(at, out, "must not repeat an item");
    }
}

pub(super) fn message<M: Validate>(
    value: Option<&M>,
    required: bool,
    at: &mut FieldPath,
    out: &mut Vec<Violation>,
) {
    match value {
        Some(value) => value.validate(at, out),
        None if required => report(at, out, "is required"),
        None => {}
    }
}

/// `google.type.Money`: a currency code, and units and nanos of one sign.
impl Validate for Money {
    const IS_REQUEST: bool = false;
    fn validate(&self, at: &mut FieldPath, out: &mut Vec<Violation>) {
        if self.currency_code.len() != 3 || !self.currency_code.bytes().all(|byte| byte.is_ascii_uppercase())
        {
            at.field("currency_code", |at| report(at, out, "must be an ISO 4217 code such as USD"));
        }
        if self.nanos.unsigned_abs() > 999_999_999 {
            at.field("nanos", |at| report(at, out, "must be between -999999999 and 999999999"));
        } else if (self.units > 0 && self.nanos < 0) || (self.units < 0 && self.nanos > 0) {
            at.field("nanos", |at| report(at, out, "must have the sign of units"));
        }
    }
}

/// google/protobuf/duration.proto: at most 10,000 years, nanos of the same sign.
impl Validate for Duration {
    const IS_REQUEST: bool = false;
    fn validate(&self, at: &mut FieldPath, out: &mut Vec<Violation>) {
        let sign_differs = (self.seconds > 0 && self.nanos < 0) || (self.seconds < 0 && self.nanos > 0);
        if self.seconds.unsigned_abs() > 315_576_000_000
            || self.nanos.unsigned_abs() > 999_999_999
            || sign_differs
        {
            report(at, out, "must be a valid duration");
        }
    }
}

/// google/protobuf/timestamp.proto: years 1 to 9999.
impl Validate for Timestamp {
    const IS_REQUEST: bool = false;
    fn validate(&self, at: &mut FieldPath, out: &mut Vec<Violation>) {
        let in_range = (-62_135_596_800..=253_402_300_799).contains(&self.seconds);
        if !in_range || !(0..=999_999_999).contains(&self.nanos) {
            report(at, out, "must be a time between the years 1 and 9999");
        }
    }
}

/// AIP-161: which paths exist is for the handler to say.
impl Validate for FieldMask {
    const IS_REQUEST: bool = false;
    fn validate(&self, at: &mut FieldPath, out: &mut Vec<Violation>) {
        at.field("paths", |at| items(&self.paths, 0, 100, at, out));
        if self.paths.iter().any(|path| path.is_empty() || path.len() > 200) {
            at.field("paths", |at| report(at, out, "must name fields, of at most 200 characters each"));
        }
    }
}
