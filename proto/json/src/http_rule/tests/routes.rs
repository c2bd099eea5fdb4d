//! Which rule a path finds.

use std::collections::BTreeSet;

use crate::{http_rule::*, tests::CONTRACTS};

fn table(rules: &[(&str, &str)]) -> Result<RouteTable<String>, RuleError> {
    let mut table = RouteTable::new(false);
    for (method, template) in rules {
        table.insert(method, Template::parse(template)?, template, (*template).to_owned())?;
    }
    Ok(table)
}

/// Template and variables.
fn found(table: &RouteTable<String>, method: &str, path: &str) -> Option<(String, Vec<String>)> {
    match table.find(method, path) {
        Lookup::Found(found) => {
            Some((found.target.clone(), found.variables.iter().map(ToString::to_string).collect()))
        }
        _ => None,
    }
}

#[test]
fn the_more_exact_rule_wins_and_the_next_is_tried() {
    let table = table(&[
        ("GET", "/a/b"),
        ("GET", "/a/{x}"),
        ("GET", "/a/*"),
        ("GET", "/{rest=**}"),
        ("GET", "/a/{x}/c"),
        ("GET", "/a/b/d"),
        ("PUT", "/a/{y=**}"),
        ("GET", "/{name=shelves/*/books/**}/end"),
        ("*", "/any"),
        ("GET", "/any"),
    ])
    .unwrap();
    let cases = [
        ("GET", "/a/b", "/a/b", vec![]),
        ("GET", "/a/z", "/a/{x}", vec!["z"]),
        ("GET", "/a/b/c", "/a/{x}/c", vec!["b"]),
        ("GET", "/a/b/d", "/a/b/d", vec![]),
        ("GET", "/a/b/e", "/{rest=**}", vec!["a/b/e"]),
        ("GET", "/", "/{rest=**}", vec![""]),
        ("PUT", "/a", "/a/{y=**}", vec![""]),
        ("PUT", "/a/1/2", "/a/{y=**}", vec!["1/2"]),
        ("GET", "/shelves/1/books/2/3/end", "/{name=shelves/*/books/**}/end", vec!["shelves/1/books/2/3"]),
        ("GET", "/shelves/1/books/end", "/{name=shelves/*/books/**}/end", vec!["shelves/1/books"]),
        ("POST", "/any", "*", vec![]),
        ("GET", "/any", "/any", vec![]),
        ("GET", "/a/b/", "/a/b", vec![]),
        ("GET", "/a/b///", "/a/b", vec![]),
        ("GET", "/a//c", "/{rest=**}", vec!["a//c"]),
        ("GET", "/a/%62", "/a/{x}", vec!["%62"]),
    ];
    for (method, path, template, variables) in cases {
        let (target, captured) = found(&table, method, path).unwrap_or_else(|| panic!("{method} {path}"));
        if template != "*" {
            assert_eq!(target, template, "{method} {path}");
        }
        assert_eq!(captured, variables, "{method} {path}");
    }
}

#[test]
fn verbs_are_only_what_some_rule_has() {
    let table = table(&[("GET", "/v1/{name=a/*}"), ("POST", "/v1/{name=a/*}:cancel"), ("GET", "/v1/a:find")])
        .unwrap();
    let variables = |method, path| found(&table, method, path).map(|(_, variables)| variables);
    assert_eq!(variables("POST", "/v1/a/1:cancel"), Some(vec!["a/1".into()]));
    assert_eq!(variables("GET", "/v1/a/1:other"), Some(vec!["a/1:other".into()]));
    assert_eq!(variables("GET", "/v1/a:find"), Some(vec![]));
    assert_eq!(variables("GET", "/v1/a:find/"), None);
    assert_eq!(variables("GET", "/v1/a/1:cancel"), None);
    // Method and verb are not one text.
    assert_eq!(variables("POSTcan", "/v1/a/1:cel"), None);
    let mut any_verb = RouteTable::new(true);
    any_verb.insert("GET", Template::parse("/v1/{x}").unwrap(), "one", ()).unwrap();
    assert!(matches!(any_verb.find("GET", "/v1/a:b"), Lookup::Unknown));
}

#[test]
fn head_finds_what_get_finds() {
    let rules = [
        ("GET", "/a/{x}"),
        ("GET", "/b/{x}"),
        ("HEAD", "/b/{y}"),
        ("*", "/c/{z}"),
        ("GET", "/c/{x}"),
        ("*", "/e"),
        ("POST", "/d"),
    ];
    let table = table(&rules).unwrap();
    for (path, template) in [
        ("/a/1", Some("/a/{x}")),
        ("/b/1", Some("/b/{y}")),
        ("/c/1", Some("/c/{x}")),
        ("/e", Some("/e")),
        ("/d", None),
    ] {
        let found = found(&table, "HEAD", path).map(|(template, _)| template);
        assert_eq!(found.as_deref(), template, "{path}");
    }
}

#[test]
fn other_methods_of_a_path_are_told() {
    let table = table(&[("GET", "/a/{x}"), ("PUT", "/a/b"), ("POST", "/a/b:c")]).unwrap();
    let Lookup::OtherMethods(methods) = table.find("DELETE", "/a/b") else { panic!() };
    assert_eq!(methods, BTreeSet::from(["GET", "HEAD", "PUT"]));
    for path in ["/b", "/a/b/c", "a", "", "*", &"/a".repeat(100_000)] {
        assert!(matches!(table.find("DELETE", path), Lookup::Unknown), "{}", &path[..path.len().min(20)]);
    }
}

#[test]
fn two_methods_at_one_path_are_refused_by_name() {
    let conflicts = [["/a/{x}", "/a/{y=*}"], ["/a/**", "/a/{y=**}"], ["/a:v", "/a:v"], ["/a", "/a"]];
    for [one, other] in conflicts {
        let error = table(&[("GET", one), ("GET", other)]).unwrap_err().to_string();
        assert!(error.contains(one) && error.contains(other), "{error}");
        assert!(table(&[("GET", one), ("PUT", other)]).is_ok());
    }
}

#[test]
fn templates_outside_the_grammar_are_refused() {
    for text in [
        "",
        "v1",
        "/v1/{name",
        "/v1/{a={b}}",
        "/v1//x",
        "/**/*",
        "/**/x/{y}",
        "/{=x}",
        "/v*",
        "/{x}y",
        "/a:",
        "/a:b:c",
        "/{x=}",
        "/{a.}",
        "/{1a}",
        "/{x}/{x}",
        "/a}",
        "/a?b",
        "/{x=**}/**",
    ] {
        assert!(Template::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_search_is_bounded() {
    let rules: Vec<(String, String)> = (0..200)
        .flat_map(|n| [("GET".to_owned(), format!("/**/a{n}")), ("GET".to_owned(), format!("/a/*/{n}/**/x"))])
        .collect();
    let rules: Vec<(&str, &str)> = rules.iter().map(|(method, path)| (&**method, &**path)).collect();
    let table = table(&rules).unwrap();
    let path = "/a".repeat(250);
    let start = std::time::Instant::now();
    for _ in 0..100 {
        assert!(found(&table, "GET", &path).is_none());
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn every_public_path_finds_its_own_rpc() {
    let mut table = RouteTable::new(false);
    let methods: Vec<_> =
        CONTRACTS.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    for method in &methods {
        for rule in http_rules(method).unwrap() {
            table.insert(&rule.method, rule.template, method.full_name(), method.name().to_owned()).unwrap();
        }
    }
    let mut seen = 0;
    for method in &methods {
        for binding in http_bindings(method) {
            let path = binding.template.replace(['{', '}'], "");
            let parts = path.split('/').map(|part| match part.split_once('=') {
                Some((_, pattern)) => pattern.replace('*', "x1"),
                None => part.replace('*', "x1"),
            });
            let path = parts.collect::<Vec<_>>().join("/");
            assert_eq!(found(&table, &binding.verb, &path).unwrap().0, method.name(), "{path}");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}
