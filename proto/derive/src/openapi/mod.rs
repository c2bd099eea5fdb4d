//! The REST API as an OpenAPI 3.1 document, derived from the contracts: paths from `google.api.http`, schemas from messages
//! and their `buf.validate` rules, security and errors from the policies, prose from comments.

mod access;
mod comments;
mod members;
mod model;
mod operations;
mod outcomes;
mod parameters;
mod paths;
mod rules;
mod schema;
mod schemas;

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, MethodDescriptor, ServiceDescriptor};
use shopmesh_json::http_rule::{HttpRule, http_rules};
use shopmesh_proto::policy::{MethodPolicy, PolicyTable};

use model::{Components, Document, Info, License, PathItem, Server, Tag};
use schemas::Schemas;

/// Renders the document as JSON. The same contracts always give the same text.
pub fn render() -> String {
    let document = document(shopmesh_proto::descriptor_pool());
    serde_json::to_string_pretty(&document).expect("a document without keys that are no strings")
}

fn document(pool: &DescriptorPool) -> Document {
    let methods: Vec<_> = PolicyTable::global().methods().filter_map(|policy| public(pool, policy)).collect();
    let mut schemas = Schemas::new(methods.iter().map(|(method, _)| method.output()));
    let responses = outcomes::responses(pool, &mut schemas);
    let mut paths: BTreeMap<String, PathItem> = BTreeMap::new();
    let mut tags: Vec<Tag> = Vec::new();
    for (method, policy) in &methods {
        let service = method.parent_service();
        if tags.last().is_none_or(|tag| tag.name != service.name()) {
            tags.push(tag(service));
        }
        for (form, rule) in rules_of(method).iter().enumerate() {
            let placed = operations::describe(method, policy, rule, form, &mut schemas);
            let item = paths.entry(placed.path).or_default();
            if let Some(place) = place(item, &rule.method) {
                *place = Some(placed.operation);
            }
        }
    }
    Document {
        openapi: "3.1.1",
        info: Info {
            title: "shopmesh",
            version: env!("CARGO_PKG_VERSION"),
            description: include_str!("info.md").trim_end().to_owned(),
            license: License { name: "MIT OR Apache-2.0", identifier: "MIT OR Apache-2.0" },
        },
        servers: vec![Server { url: "/", description: "The edge that serves this document." }],
        tags,
        paths,
        components: Components {
            schemas: schemas.into_components(),
            responses,
            security_schemes: access::schemes(),
        },
    }
}

/// The RPC of a policy, if the edge serves it as REST.
fn public<'p>(
    pool: &DescriptorPool,
    policy: &'p MethodPolicy,
) -> Option<(MethodDescriptor, &'p MethodPolicy)> {
    if !policy.is_rest() {
        return None;
    }
    let service = pool.get_service_by_name(&policy.service)?;
    let method = service.methods().find(|method| method.name() == policy.method)?;
    Some((method, policy))
}

fn rules_of(method: &MethodDescriptor) -> Vec<HttpRule> {
    http_rules(method).expect("a test reads every path template")
}

fn tag(service: &ServiceDescriptor) -> Tag {
    let description = comments::of(&service.parent_file(), service.path());
    Tag { name: service.name().to_owned(), description }
}

/// Where the operation of an HTTP method stands; none for a method that OpenAPI has no place for.
fn place<'i>(item: &'i mut PathItem, method: &str) -> Option<&'i mut Option<model::Operation>> {
    Some(match method {
        "GET" => &mut item.get,
        "POST" => &mut item.post,
        "PUT" => &mut item.put,
        "PATCH" => &mut item.patch,
        "DELETE" => &mut item.delete,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
