//! The category tree as search needs it: titles and ancestors by id.

use std::collections::HashMap;

use crate::ids::CategoryId;

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
    pub fn new(revision: i64, rows: impl IntoIterator<Item = (CategoryId, String, String)>) -> Self {
        let node = |(id, title, path): (CategoryId, _, _)| (id.as_str().to_owned(), Node { title, path });
        Self { revision, nodes: rows.into_iter().map(node).collect() }
    }

    /// Whether the category `id` is known.
    pub fn contains(&self, id: &CategoryId) -> bool {
        self.nodes.contains_key(id.as_str())
    }

    /// Id and title of each category from the root down to `id` itself; empty when it is unknown.
    pub fn ancestors(&self, id: &CategoryId) -> impl Iterator<Item = (&str, &str)> {
        let path = self.nodes.get(id.as_str()).into_iter().flat_map(|node| node.path.split('/'));
        path.map(|id| (id, self.nodes.get(id).map_or("", |node| node.title.as_str())))
    }
}
