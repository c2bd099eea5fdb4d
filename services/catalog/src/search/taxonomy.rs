//! The category tree as search needs it: titles and ancestors by id.

use std::collections::HashMap;

/// A copy of the tree at one revision.
#[derive(Clone, Debug, Default)]
pub struct Taxonomy {
    /// Counts moves; an index built with another revision holds outdated ancestors.
    pub revision: i64,
    nodes: HashMap<String, Node>,
}

#[derive(Clone, Debug)]
struct Node {
    title: String,
    path: String,
}

impl Taxonomy {
    /// The tree of `rows`: id, title and path of each category.
    pub fn new(revision: i64, rows: impl IntoIterator<Item = (String, String, String)>) -> Self {
        let nodes = rows.into_iter().map(|(id, title, path)| (id, Node { title, path })).collect();
        Self { revision, nodes }
    }

    /// Whether the category `id` is known.
    pub fn contains(&self, id: &str) -> bool {
        self.nodes.contains_key(id)
    }

    /// Shown name of the category `id`.
    pub fn title(&self, id: &str) -> Option<&str> {
        self.nodes.get(id).map(|node| node.title.as_str())
    }

    /// The ids from the root down to `id` itself; empty when it is unknown.
    pub fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a str> {
        self.nodes.get(id).into_iter().flat_map(|node| node.path.split('/'))
    }
}
