use serde::Deserialize;
use serde_json::json;

use super::*;

fn read<T: de::DeserializeOwned>(value: Value) -> Result<T, String> {
    T::deserialize(ProtoJson(value)).map_err(|error| error.to_string())
}

#[test]
fn whole_numbers_are_read_however_they_are_written() {
    let sixty = [
        json!(60),
        json!(60.0),
        json!("60"),
        json!("60.0"),
        json!("6e1"),
        json!("600e-1"),
        json!("0.6E+2"),
        json!("+60"),
        json!(6e1),
    ];
    for written in sixty {
        assert_eq!(read::<u32>(written.clone()), Ok(60), "{written}");
    }
    assert_eq!(read::<i64>(json!("-9223372036854775808")), Ok(i64::MIN));
    assert_eq!(read::<u64>(json!("18446744073709551615")), Ok(u64::MAX));
    assert_eq!(read::<u32>(json!(-0.0)), Ok(0));
    for wrong in [
        json!(60.5),
        json!("60.5"),
        json!("060"),
        json!("0x3c"),
        json!(" 60"),
        json!(""),
        json!("."),
        json!("6."),
        json!(".6"),
        json!("1e"),
        json!("e1"),
        json!("1e99"),
        json!("1e-1"),
        json!("NaN"),
        json!("Infinity"),
        json!(true),
        json!(null),
        json!([60]),
        json!({"value": 60}),
        json!(-1),
        json!("-1"),
        json!(4_294_967_296_u64),
        json!(1e300),
    ] {
        let error = read::<u32>(wrong.clone()).unwrap_err();
        assert!(error.starts_with("must be a whole number of 0 to 4294967295, is "), "{wrong}: {error}");
    }
    assert!(read::<u16>(json!(65_536)).unwrap_err().contains("0 to 65535, is 65536"));
}

#[test]
fn booleans_are_read_however_they_are_written() {
    for yes in [json!(true), json!("true"), json!("True"), json!("T"), json!("yes"), json!("on"), json!("1")]
    {
        assert_eq!(read::<bool>(yes.clone()), Ok(true), "{yes}");
    }
    for no in [json!(false), json!("FALSE"), json!("f"), json!("n"), json!("off"), json!("0")] {
        assert_eq!(read::<bool>(no.clone()), Ok(false), "{no}");
    }
    for wrong in [json!(1), json!(0), json!(1.0), json!(""), json!("2"), json!(null), json!([true])] {
        assert!(
            read::<bool>(wrong.clone()).unwrap_err().starts_with("must be true or false, is "),
            "{wrong}"
        );
    }
}

#[derive(Debug, PartialEq, Deserialize)]
enum Color {
    #[serde(rename = "RED", alias = "0")]
    Red,
    #[serde(rename = "BLUE", alias = "7")]
    Blue,
}

#[test]
fn enums_go_by_name_in_any_case_or_by_number() {
    for blue in [json!("BLUE"), json!("Blue"), json!(7), json!("7")] {
        assert_eq!(read::<Color>(blue.clone()), Ok(Color::Blue), "{blue}");
    }
    for wrong in [json!("GREEN"), json!(1), json!(7.0), json!(""), json!(null), json!(true), json!([7])] {
        assert!(
            read::<Color>(wrong.clone()).unwrap_err().starts_with("must be one of RED, BLUE, is "),
            "{wrong}"
        );
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paint {
    #[serde(default)]
    title: String,
    #[serde(default)]
    layers: Vec<Kind>,
    tint: Option<Color>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Primer(u32),
    TopCoat(String),
}

#[test]
fn null_is_a_field_that_is_not_set_and_one_value_a_list_of_one() {
    let unset = Paint { title: String::new(), layers: Vec::new(), tint: None };
    assert_eq!(read(json!({"title": null, "layers": null, "tint": null})), Ok(unset));
    let layers = read::<Paint>(json!({"layers": {"primer": "2", "top_coat": null}})).unwrap().layers;
    assert_eq!(layers, [Kind::Primer(2)]);
    for (wrong, problem) in [
        (json!({"shine": null}), "unknown field `shine`"),
        (json!({"layers": [null]}), "must be one of primer, top_coat, is null"),
        (json!({"layers": [{}]}), "needs exactly one of primer, top_coat"),
        (json!({"layers": [{"primer": 1, "top_coat": "x"}]}), "needs exactly one of primer, top_coat"),
        (json!({"layers": [{"varnish": {}}]}), "unknown field `varnish`, expected one of primer, top_coat"),
        (json!({"layers": ["primer"]}), "must be an object with the member primer"),
        (json!({"title": 1}), "must be text, in quotes, is 1"),
        (json!([]), "must be an object, is a list"),
    ] {
        let error = read::<Paint>(wrong.clone()).unwrap_err();
        assert!(error.starts_with(problem), "{wrong}: {error}");
    }
}

#[test]
fn what_no_field_is_cannot_be_read_past_this_reader() {
    assert!(read::<f64>(json!(1.5)).unwrap_err().contains("does not know"));
    assert!(read::<(u32, u32)>(json!([1, 2])).unwrap_err().contains("does not know"));
}
