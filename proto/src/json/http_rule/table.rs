//! Which RPC a method and path mean: a tree of segments, walked with the precedence literal, `*`, `**`.

use super::template::{Segment, Template, TemplateError};
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor, MethodDescriptor};
use std::collections::{BTreeSet, HashMap};

use crate::policy::HttpBinding;

/// A longer path is nobody's.
const MAX_SEGMENTS: usize = 64;

/// One REST form of one RPC.
#[derive(Debug, Clone)]
pub struct Route {
    /// The RPC.
    pub method: MethodDescriptor,
    /// Its form.
    pub binding: HttpBinding,
    pub(super) template: Template,
}

/// What a lookup found.
#[derive(Debug)]
pub enum Lookup<'a> {
    /// A route, and the path's decoded variables as (field, value).
    Found(&'a Route, Vec<(String, String)>),
    /// The path exists for these methods only.
    WrongMethod(BTreeSet<&'a str>),
    /// Nobody has this path.
    Unknown,
}

/// Why a set of RPCs has no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A template is malformed.
    #[error("{method}: {source}")]
    Template {
        /// The RPC.
        method: String,
        /// Why.
        source: TemplateError,
    },
    /// Two RPCs have one path.
    #[error("{one} and {other} have the same path, {path}")]
    Conflict {
        /// An RPC.
        one: String,
        /// Another.
        other: String,
        /// Method and template.
        path: String,
    },
    /// A variable is no scalar field.
    #[error("{method}: `{field}` is not a singular scalar field of {message}")]
    Field {
        /// The RPC.
        method: String,
        /// Its request.
        message: String,
        /// The variable.
        field: String,
    },
    /// A service is not in the descriptors.
    #[error("service {0} is not in the descriptors")]
    UnknownService(String),
    /// REST cannot carry it.
    #[error("{0}: client streaming has no REST form here")]
    ClientStreaming(String),
}

/// The REST forms of a set of services.
#[derive(Debug, Default)]
pub struct RouteTable {
    routes: Vec<Route>,
    root: Node,
    verbs: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    any: Option<Box<Node>>,
    /// Leaves behind `**`.
    rest: HashMap<LeafKey, usize>,
    leaves: HashMap<LeafKey, usize>,
}

/// HTTP method and verb, as a pair: joined in one string, method `PO` with verb `ST` would equal `POST`.
type LeafKey = (String, Option<String>);

impl RouteTable {
    /// The table of `services`, by full name.
    pub fn new(pool: &DescriptorPool, services: &[String]) -> Result<Self, TableError> {
        let mut table = Self::default();
        for name in services {
            let service =
                pool.get_service_by_name(name).ok_or_else(|| TableError::UnknownService(name.clone()))?;
            for method in service.methods() {
                for binding in crate::policy::http_bindings(pool, &method) {
                    table.add(&method, binding)?;
                }
            }
        }
        Ok(table)
    }

    fn add(&mut self, method: &MethodDescriptor, binding: HttpBinding) -> Result<(), TableError> {
        let name = method.full_name().to_owned();
        if method.is_client_streaming() {
            return Err(TableError::ClientStreaming(name));
        }
        let template = Template::parse(&binding.template)
            .map_err(|source| TableError::Template { method: name.clone(), source })?;
        for variable in &template.variables {
            if !is_scalar(&method.input(), &variable.field) {
                let message = method.input().full_name().to_owned();
                return Err(TableError::Field { method: name, message, field: variable.field.clone() });
            }
        }
        let key = (binding.verb.clone(), template.verb.clone());
        let node = template.segments.iter().fold(&mut self.root, |node, segment| match segment {
            Segment::Literal(text) => node.literals.entry(text.clone()).or_default(),
            Segment::Any => node.any.get_or_insert_with(Box::default),
            Segment::Rest => node,
        });
        let leaves =
            if template.segments.last() == Some(&Segment::Rest) { &mut node.rest } else { &mut node.leaves };
        if let Some(taken) = leaves.insert(key, self.routes.len()) {
            let one = self.routes[taken].method.full_name().to_owned();
            let path = format!("{} {}", binding.verb, binding.template);
            return Err(TableError::Conflict { one, other: name, path });
        }
        self.verbs.extend(template.verb.clone());
        self.routes.push(Route { method: method.clone(), binding, template });
        Ok(())
    }

    /// Finds the RPC of a method and an undecoded path.
    pub fn find(&self, method: &str, path: &str) -> Lookup<'_> {
        // Trailing slashes fall away; an empty segment in the middle stays one.
        let mut segments: Vec<&str> = path.trim_start_matches('/').trim_end_matches('/').split('/').collect();
        if segments == [""] {
            segments.clear();
        }
        if segments.len() > MAX_SEGMENTS {
            return Lookup::Unknown;
        }
        let verb = self.split_verb(&mut segments);
        let mut methods = BTreeSet::new();
        match self.walk(&self.root, &segments, method, verb, &mut methods) {
            Some(route) => Lookup::Found(route, captures(route, &segments)),
            None if methods.is_empty() => Lookup::Unknown,
            None => Lookup::WrongMethod(methods),
        }
    }

    /// The verb of a path, if it is one that some template has.
    fn split_verb<'p>(&self, segments: &mut [&'p str]) -> Option<&'p str> {
        let last = segments.last_mut()?;
        let (head, verb) = last.rsplit_once(':')?;
        if !self.verbs.contains(verb) {
            return None;
        }
        *last = head;
        Some(verb)
    }

    fn walk<'t>(
        &'t self,
        node: &'t Node,
        segments: &[&str],
        method: &str,
        verb: Option<&str>,
        methods: &mut BTreeSet<&'t str>,
    ) -> Option<&'t Route> {
        let Some((first, rest)) = segments.split_first() else {
            let here = self.leaf(&node.leaves, method, verb, methods);
            return here.or_else(|| self.leaf(&node.rest, method, verb, methods));
        };
        if let Some(next) = node.literals.get(*first)
            && let Some(route) = self.walk(next, rest, method, verb, methods)
        {
            return Some(route);
        }
        if let Some(next) = node.any.as_ref().filter(|_| !first.is_empty())
            && let Some(route) = self.walk(next, rest, method, verb, methods)
        {
            return Some(route);
        }
        self.leaf(&node.rest, method, verb, methods)
    }

    /// The route among `leaves` that ends here, or the methods that would.
    fn leaf<'t>(
        &'t self,
        leaves: &'t HashMap<LeafKey, usize>,
        method: &str,
        verb: Option<&str>,
        methods: &mut BTreeSet<&'t str>,
    ) -> Option<&'t Route> {
        for ((known, known_verb), route) in leaves {
            if known_verb.as_deref() == verb {
                if known == method || known == "*" {
                    return Some(&self.routes[*route]);
                }
                methods.insert(known);
            }
        }
        None
    }
}

fn captures(route: &Route, segments: &[&str]) -> Vec<(String, String)> {
    let variables = route.template.variables.iter();
    variables
        .map(|variable| {
            let part = &segments[variable.from..variable.to.unwrap_or(segments.len())];
            // A slash inside a segment stays encoded where several segments form the value: it would be taken for a
            // separator (Envoy's ALL_CHARACTERS_EXCEPT_RESERVED).
            let several = part.len() > 1;
            let decoded = part.iter().map(|segment| percent_decode(segment, several)).collect::<Vec<_>>();
            (variable.field.clone(), decoded.join("/"))
        })
        .collect()
}

/// Decodes `%xx`; with `keep_reserved` not those of the 18 reserved characters of RFC 6570.
fn percent_decode(text: &str, keep_reserved: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if bytes[at] == b'%' && !(keep_reserved && b"!#$&'()*+,/:;=?@[]".contains(&byte)) => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    // Not UTF-8 is no value of any string field; the validators refuse what is left.
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether a dotted path ends at a singular field that is no message.
fn is_scalar(message: &MessageDescriptor, path: &str) -> bool {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match (message.get_field_by_name(first), rest) {
        (Some(field), None) => {
            !field.is_list() && !field.is_map() && !matches!(field.kind(), Kind::Message(_))
        }
        (Some(field), Some(rest)) => match field.kind() {
            Kind::Message(inner) if !field.is_list() && !field.is_map() => is_scalar(&inner, rest),
            _ => false,
        },
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests;
