//! Finds the rule for a method and a path: a tree of segments in which a literal wins over a variable of one segment, that over `*`, and
//! that over `**`, with the next best tried where the best leads nowhere.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::Range,
};

use super::error::RuleError;
use super::template::{Segment, Template, Variable};

/// More segments than this match nothing.
const MAX_SEGMENTS: usize = 256;

/// Rules by method and path, each with what the caller wants to find.
#[derive(Debug)]
pub struct RouteTable<T> {
    nodes: Vec<Node>,
    routes: Vec<Route<T>>,
    /// A colon only begins a verb that some template has.
    verbs: HashSet<String>,
    /// Every last `:x` is a verb (Envoy's `match_unregistered_custom_verb`).
    any_verb: bool,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, usize>,
    single: Option<usize>,
    any: Option<usize>,
    deep: Option<usize>,
    ends: Vec<End>,
}

/// A template that ends at a node. Method and verb are a pair: joined in one text they could be split elsewhere.
#[derive(Debug)]
struct End {
    method: String,
    verb: Option<String>,
    route: usize,
}

#[derive(Debug)]
struct Route<T> {
    template: Template,
    owner: String,
    target: T,
}

/// What a path led to.
#[derive(Debug)]
pub enum Lookup<'r, 'p, T> {
    /// A rule.
    Found(Found<'r, 'p, T>),
    /// Only rules of other methods, which are these.
    OtherMethods(BTreeSet<&'r str>),
    /// No rule has this path.
    Unknown,
}

/// A rule and the text of its variables.
#[derive(Debug)]
pub struct Found<'r, 'p, T> {
    /// What was inserted with the rule.
    pub target: &'r T,
    /// The text of each variable, in the order of the template, still percent-encoded.
    pub variables: Vec<&'p str>,
}

/// The method that stands for all of them in a custom rule.
const ANY_METHOD: &str = "*";

impl<T> RouteTable<T> {
    /// A table without rules.
    pub fn new(any_verb: bool) -> Self {
        Self { nodes: vec![Node::default()], routes: Vec::new(), verbs: HashSet::new(), any_verb }
    }

    /// Adds a rule of `owner`, the full name of a gRPC method.
    ///
    /// # Errors
    /// If a rule for the same requests is there already; the text names both owners.
    pub fn insert(
        &mut self,
        method: &str,
        template: Template,
        owner: &str,
        target: T,
    ) -> Result<(), RuleError> {
        let mut at = 0;
        for segment in &template.segments {
            at = self.child(at, segment);
        }
        let end = self.nodes[at].ends.iter().find(|end| end.method == method && end.verb == template.verb);
        if let Some(end) = end {
            let other = &self.routes[end.route].owner;
            return Err(RuleError(format!("{other} and {owner} both serve {method} at the same path")));
        }
        self.verbs.extend(template.verb.clone());
        let end = End { method: method.to_owned(), verb: template.verb.clone(), route: self.routes.len() };
        self.nodes[at].ends.push(end);
        self.routes.push(Route { template, owner: owner.to_owned(), target });
        Ok(())
    }

    fn child(&mut self, at: usize, segment: &Segment) -> usize {
        let new = self.nodes.len();
        let node = &mut self.nodes[at];
        let child = match segment {
            Segment::Literal(text) => *node.literals.entry(text.clone()).or_insert(new),
            Segment::Single => *node.single.get_or_insert(new),
            Segment::Any => *node.any.get_or_insert(new),
            Segment::Deep => *node.deep.get_or_insert(new),
        };
        if child == new {
            self.nodes.push(Node::default());
        }
        child
    }

    /// Finds the rule for a path, without its query and still percent-encoded.
    pub fn find<'p>(&self, method: &str, path: &'p str) -> Lookup<'_, 'p, T> {
        let Some(path) = path.strip_prefix('/') else { return Lookup::Unknown };
        let (path, verb) = self.split_verb(path);
        let path = path.trim_end_matches('/');
        let segments = segments(path);
        if segments.len() > MAX_SEGMENTS {
            return Lookup::Unknown;
        }
        let mut search =
            Search { table: self, method, verb, segments: &segments, path, others: BTreeSet::new() };
        match search.from(0, 0) {
            Some(route) => Lookup::Found(Found {
                target: &self.routes[route].target,
                variables: captures(&self.routes[route].template, path, &segments),
            }),
            None if search.others.is_empty() => Lookup::Unknown,
            None => Lookup::OtherMethods(search.others),
        }
    }

    /// The text behind the last colon of the last segment, if it is a verb.
    fn split_verb<'p>(&self, path: &'p str) -> (&'p str, Option<&'p str>) {
        match path.rsplit_once(':') {
            Some((before, verb)) if !verb.contains('/') && (self.any_verb || self.verbs.contains(verb)) => {
                (before, Some(verb))
            }
            _ => (path, None),
        }
    }
}

/// Where each segment stands in the path.
fn segments(path: &str) -> Vec<Range<usize>> {
    if path.is_empty() {
        return Vec::new();
    }
    let mut start = 0;
    path.split('/')
        .map(|segment| {
            let range = start..start + segment.len();
            start = range.end + 1;
            range
        })
        .collect()
}

/// A search, depth first. `**` is followed by literals only, so each node is tried at most once per segment.
struct Search<'r, 's, T> {
    table: &'r RouteTable<T>,
    method: &'s str,
    verb: Option<&'s str>,
    segments: &'s [Range<usize>],
    path: &'s str,
    others: BTreeSet<&'r str>,
}

impl<'r, T> Search<'r, '_, T> {
    /// The route for the segments from `at` on, below a node.
    fn from(&mut self, node: usize, at: usize) -> Option<usize> {
        let node = &self.table.nodes[node];
        let Some(range) = self.segments.get(at) else {
            let found = self.end(node);
            // `**` may also match nothing.
            return found.or_else(|| node.deep.and_then(|child| self.from(child, at)));
        };
        let text = &self.path[range.clone()];
        if let Some(child) = node.literals.get(text)
            && let Some(found) = self.from(*child, at + 1)
        {
            return Some(found);
        }
        if !text.is_empty() {
            for child in [node.single, node.any].into_iter().flatten() {
                if let Some(found) = self.from(child, at + 1) {
                    return Some(found);
                }
            }
        }
        let child = node.deep?;
        (at..=self.segments.len()).rev().find_map(|end| self.from(child, end))
    }

    /// The route that ends here, if it has the method and the verb.
    fn end(&mut self, node: &'r Node) -> Option<usize> {
        let mut ends = node.ends.iter().filter(|end| end.verb.as_deref() == self.verb);
        let of = |method: &str| ends.clone().find(|end| end.method == method);
        // HEAD is GET whose answer has no content (RFC 9110 section 9.3.2).
        let as_get = || if self.method == "HEAD" { of("GET") } else { None };
        if let Some(end) = of(self.method).or_else(as_get).or_else(|| of(ANY_METHOD)) {
            return Some(end.route);
        }
        self.others.extend(of("GET").map(|_| "HEAD"));
        self.others.extend(ends.by_ref().map(|end| end.method.as_str()));
        None
    }
}

/// The text that each variable of the template covers.
fn captures<'p>(template: &Template, path: &'p str, segments: &[Range<usize>]) -> Vec<&'p str> {
    // Behind `**`, the path's segments stand where the template's do, counted from the end.
    let place = |index: usize| match template.deep() {
        Some(deep) if index > deep => index + segments.len() - template.segments.len(),
        _ => index,
    };
    let text = |variable: &Variable| {
        let (start, end) = (place(variable.segments.start), place(variable.segments.end));
        if start >= end { "" } else { &path[segments[start].start..segments[end - 1].end] }
    };
    template.variables.iter().map(text).collect()
}
