use super::*;
use crate::policy::PolicyTable;

fn table() -> RouteTable {
    let methods = PolicyTable::global().methods();
    let services: BTreeSet<String> =
        methods.filter(|method| !method.http.is_empty()).map(|method| method.service.clone()).collect();
    RouteTable::new(crate::descriptor_pool(), &services.into_iter().collect::<Vec<_>>()).unwrap()
}

fn found(table: &RouteTable, method: &str, path: &str) -> (String, Vec<(String, String)>) {
    match table.find(method, path) {
        Lookup::Found(route, captures) => (route.method.name().to_owned(), captures),
        other => panic!("{method} {path}: {other:?}"),
    }
}

#[test]
fn every_public_path_finds_its_own_rpc() {
    let table = table();
    for method in PolicyTable::global().methods() {
        for binding in &method.http {
            let path = binding.template.replace("{", "").replace('}', "");
            let path = path.split('/').map(|part| {
                let (part, verb) = part
                    .split_once(':')
                    .map_or((part, String::new()), |(part, verb)| (part, format!(":{verb}")));
                let part = part.split_once('=').map_or(part, |(_, pattern)| pattern);
                format!("{}{verb}", if part == "*" { "x1" } else { part })
            });
            let path = path.collect::<Vec<_>>().join("/");
            assert_eq!(found(&table, &binding.verb, &path).0, method.method, "{path}");
        }
    }
}

#[test]
fn variables_verbs_and_methods() {
    let table = table();
    let (method, captures) = found(&table, "POST", "/v1/orders/ord_1:cancel");
    assert_eq!(
        (method.as_str(), captures),
        ("CancelOrder", vec![("name".to_owned(), "orders/ord_1".to_owned())])
    );
    assert_eq!(found(&table, "GET", "/v1/orders/a%2Fb%20c").1[0].1, "orders/a%2Fb c");
    assert_eq!(
        found(&table, "GET", "/v1/orders/1:unheard").0,
        "GetOrder",
        "an unknown verb is part of the name"
    );
    assert_eq!(found(&table, "GET", "/v1/orders/").0, "ListOrders");
    assert_eq!(found(&table, "GET", "/").0, "GetLandingPage");
    let Lookup::WrongMethod(methods) = table.find("DELETE", "/v1/orders") else { panic!() };
    assert_eq!(methods.into_iter().collect::<Vec<_>>(), ["GET"]);
    for path in ["/v1/nowhere", "/v1//orders", "/v1/orders//events", &"/a".repeat(100_000)] {
        assert!(matches!(table.find("GET", path), Lookup::Unknown), "{}", &path[..20.min(path.len())]);
    }
}

#[test]
fn templates_outside_the_grammar_are_refused() {
    for text in ["v1", "/v1/{name", "/v1/{a={b}}", "/v1//x", "/**/x", "/{=x}", "/v*"] {
        assert!(Template::parse(text).is_err(), "{text}");
    }
    assert_eq!(Template::parse("/v1/{name=files/**}").unwrap().variables[0].to, None);
}
