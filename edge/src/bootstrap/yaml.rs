//! YAML text to a JSON value. Anchors are followed; `<<` is a key like any other, as in Envoy.

use serde_json::{Map, Number, Value};
use serde_yaml::Value as Yaml;

use super::reader::{ConfigError, YamlPath};

/// Reads one YAML document.
///
/// # Errors
/// With line and column if the text is no YAML or has a key twice, which Envoy settles in silence.
pub fn parse(text: &str) -> Result<Value, ConfigError> {
    let root = YamlPath::root();
    let document: Yaml =
        serde_yaml::from_str(text).map_err(|error| root.error(format!("not YAML: {error}")))?;
    json(document, &root)
}

fn json(value: Yaml, at: &YamlPath) -> Result<Value, ConfigError> {
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::String(text) => Value::String(text),
        Yaml::Number(number) => {
            let whole = number.as_i64().map(Number::from).or_else(|| number.as_u64().map(Number::from));
            let number = whole.or_else(|| number.as_f64().and_then(Number::from_f64));
            Value::Number(number.ok_or_else(|| at.error("must be a finite number"))?)
        }
        Yaml::Sequence(items) => {
            let items = items.into_iter().enumerate().map(|(i, item)| json(item, &at.index(i)));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(members) => {
            let mut object = Map::with_capacity(members.len());
            for (key, member) in members {
                let key = match key {
                    Yaml::String(key) => key,
                    Yaml::Number(key) => key.to_string(),
                    _ => return Err(at.error("has a key that is no text")),
                };
                let member = json(member, &at.field(&key))?;
                if object.insert(key.clone(), member).is_some() {
                    return Err(at.field(&key).error("given twice"));
                }
            }
            Value::Object(object)
        }
        // Envoy looks at no tag.
        Yaml::Tagged(tagged) => json(tagged.value, at)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn anchors_are_followed_and_merge_keys_are_not() {
        let value = parse("a: &x { b: 1 }\nc: *x\nd: { <<: *x }").unwrap();
        assert_eq!(value, json!({"a": {"b": 1}, "c": {"b": 1}, "d": {"<<": {"b": 1}}}));
    }

    #[test]
    fn what_yaml_leaves_open_is_refused() {
        let problem = |text: &str| parse(text).unwrap_err().to_string();
        let twice = problem("a: 1\nb: { c: 1, c: 2 }");
        assert!(twice.contains("duplicate entry with key \"c\"") && twice.contains("line 2"), "{twice}");
        assert_eq!(problem("1: a\n\"1\": b"), "1: given twice");
        assert_eq!(problem("a: [.nan]"), "a[0]: must be a finite number");
        assert_eq!(problem("a: { [1]: 2 }"), "a: has a key that is no text");
        assert!(problem("a: 1\n---\nb: 2").contains("more than one document"));
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                    d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]";
        assert!(problem(bomb).contains("repetition limit"));
    }
}
