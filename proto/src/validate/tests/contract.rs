//! What the build asks of the strings of a request.

use std::path::Path;

use prost_reflect::DescriptorPool;

use super::super::rules;

/// The rules of a field of `strings.proto`, and what is wrong with them.
fn read(field: &str) -> (rules::FieldRules, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.join("src/validate/tests"), root.to_owned(), root.join("third_party")];
    let mut compiler = protox::Compiler::new(folders).unwrap();
    compiler.include_imports(true).open_file("strings.proto").unwrap();
    let pool = DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).unwrap();
    let message = pool.get_message_by_name("strings.Request").unwrap();
    let mut problems = Vec::new();
    (rules::read(&message.get_field_by_name(field).unwrap(), &mut problems), problems)
}

fn problems(field: &str) -> Vec<String> {
    read(field).1
}

#[test]
fn a_string_has_a_kind() {
    for good in ["title", "lines", "name", "request_id", "page_token", "etag", "filter", "output"] {
        assert_eq!(problems(good), [""; 0], "{good}");
    }
    for bad in ["bare", "bare_list"] {
        assert!(problems(bad)[0].contains("states its kind"), "{bad}: {:?}", problems(bad));
    }
    assert!(problems("number")[0].contains("only a string"));
}

#[test]
fn a_pattern_is_of_ascii_and_has_an_end() {
    for bad in ["any", "other_than", "letters"] {
        assert!(problems(bad)[0].contains("a pattern is of ASCII"), "{bad}: {:?}", problems(bad));
    }
    assert!(problems("endless")[0].contains("without an end"));
}

#[test]
fn the_name_of_a_resource_is_a_pattern() {
    let (rules, problems) = read("resource");
    assert_eq!(problems, [""; 0]);
    let pattern = rules.scalar.pattern.unwrap();
    let id = "[0-9A-HJKMNP-TV-Z]{26}";
    assert_eq!(pattern, format!("^(things/(thg_{id}|mine)/parts/prt_{id})?$"));
    let (rules, problems) = read("resources");
    assert_eq!(problems, [""; 0]);
    assert_eq!(rules.items.unwrap().pattern.unwrap(), format!("^things/thg_{id}$"));
}

#[test]
fn what_names_no_resource_does_not_build() {
    for (bad, problem) in [
        ("many_resources", "needs a bound"),
        ("numbered", "only a string"),
        ("without_id", "a resource is"),
        ("with_pattern", "a resource is"),
        ("unclosed", "a pattern is of ASCII"),
        ("twice", "its pattern already"),
    ] {
        assert!(problems(bad)[0].contains(problem), "{bad}: {:?}", problems(bad));
    }
}
