use std::{fs, path::Path};

use prost_reflect::DescriptorPool;

use super::*;
use crate::{
    build_policy, ports,
    services::{self, Service},
};

/// What the build reads of the contracts and of `extra`, and what it refuses.
fn read(extra: &str) -> (Vec<Service>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("extra.proto"), extra).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut compiler =
        protox::Compiler::new([folder.path().to_owned(), root.to_owned(), root.join("third_party")]).unwrap();
    compiler.include_imports(true).include_source_info(true).open_file("extra.proto").unwrap();
    for file in crate::descriptor_pool().files().filter(|file| file.name().starts_with("shopmesh/")) {
        compiler.open_file(file.name()).unwrap();
    }
    let pool = DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).unwrap();
    let mut problems = Vec::new();
    let services = services::read(&pool, &mut problems);
    build_policy::check(&pool, &services, &mut problems);
    (services, problems)
}

const SAMPLE: &str = include_str!("../../../tests/sample/files/proto/shopmesh/sample/v1/samples.proto");

/// The problems of the sample with `port` in place of its own.
fn problems(statement: &str) -> Vec<String> {
    assert!(SAMPLE.contains("option (shopmesh.policy.v1.process) = {port: 9107};"));
    read(&SAMPLE.replace("option (shopmesh.policy.v1.process) = {port: 9107};", statement)).1
}

fn port(port: u32) -> String {
    format!("option (shopmesh.policy.v1.process) = {{port: {port}}};")
}

#[test]
fn names_are_read_and_said() {
    for service in ServiceName::ALL {
        assert_eq!(service.as_str().parse(), Ok(service));
    }
    assert_eq!("order".parse::<ServiceName>().unwrap_err().to_string(), {
        format!("`order` is not a service: use one of {}", ServiceName::names())
    });
    assert!(ServiceName::names().starts_with("identity, catalog, "), "{}", ServiceName::names());
    assert!(ServiceName::ALL.is_sorted_by_key(|service| service.default_port()));
}

#[test]
fn a_new_domain_with_a_port_is_a_service() {
    let (services, problems) = read(SAMPLE);
    assert_eq!(problems, [""; 0]);
    let known = ServiceName::ALL.map(|service| (service.as_str(), service.default_port()));
    let listed = services.iter().map(|service| (service.name.as_str(), service.port));
    let mut expected = known.to_vec();
    expected.insert(6, ("sample", 9107));
    assert_eq!(Vec::from_iter(listed), expected);
    let source = services::generate(&services);
    for line in [
        "    #[doc = \"Swatches of cloth: what a new service looks like.\"]\n    Sample,\n",
        "pub const ALL: [Self; 8] = [Self::Identity, ",
        "Self::Notifications, Self::Sample, Self::Platform, ]",
        "Self::Sample => \"sample\",\n",
        "Self::Sample => 9107,\n",
    ] {
        assert!(source.contains(line), "{line} in\n{source}");
    }
}

#[test]
fn a_domain_of_services_has_one_port_of_its_own() {
    let told = |problems: &[String], what: &str| {
        assert!(matches!(problems, [one] if one.contains("sample") && one.contains(what)), "{problems:?}");
    };
    told(&problems(""), "have no port");
    told(&problems(&port(70_000)), "is no port");
    told(&problems(&port(80)), "is not within");
    told(&problems(&port(60_000)), "is not within");
    told(&problems(&port(9_104)), "would be that of `orders` and of `sample`");
    told(&problems(&port(9_204)), "would be that of the metrics of `orders` and of `sample`");
    told(&problems(&port(9_004)), "would be that of the metrics of `sample` and of `orders`");
    for taken in [ports::EDGE, ports::EDGE_ADMIN, ports::PROCESS_ADMIN].map(u32::from) {
        told(&problems(&port(taken)), "the ");
        told(&problems(&port(taken - u32::from(ports::ADMIN_ABOVE))), "the ");
    }
    let twice = read(
        "syntax = \"proto3\"; package shopmesh.orders.v2; import \"shopmesh/policy/v1/policy.proto\";
        option (shopmesh.policy.v1.process) = {port: 9107};",
    );
    assert!(twice.1[0].contains("once is enough"), "{:?}", twice.1);
}

#[test]
fn peers_are_services_or_known_words() {
    let peers = "peers: [\"operator\"]";
    assert!(SAMPLE.contains(peers));
    assert_eq!(read(&SAMPLE.replace(peers, "peers: [\"orders\", \"services\"]")).1, [""; 0]);
    let wrong = read(&SAMPLE.replace(peers, "peers: [\"order\"]")).1;
    assert!(wrong[0].contains("`order` among `peers` is one of identity, catalog"), "{wrong:?}");
}
