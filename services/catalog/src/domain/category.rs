//! The category tree: no cycles, at most ten deep.
//!
//! Each category knows its path, the ids from its root down to itself joined by `/`. A path sorts before every path
//! below it, so ordering by path is tree order, and "below" is a prefix test.

use shopmesh_kit::error::{Error, Result};

use crate::ids::CategoryId;

/// Deepest level; a root is 1.
pub const MAX_DEPTH: i64 = 10;

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// `None` for a root.
    pub parent: Option<CategoryId>,
    /// Unique among siblings.
    pub code: String,
    /// Shown name.
    pub title: String,
    /// Where it hangs.
    pub place: Place,
}

/// Where a category hangs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Ids from the root to the category itself, joined by `/`.
    pub path: String,
    /// 1 for a root.
    pub depth: i64,
}

impl Place {
    /// The place of `id` directly below `parent`, or as a root.
    pub fn below(parent: Option<&Category>, id: &CategoryId) -> Result<Self> {
        let place = match parent {
            None => Self { path: id.as_str().to_owned(), depth: 1 },
            Some(parent) => {
                Self { path: format!("{}/{}", parent.place.path, id.as_str()), depth: parent.place.depth + 1 }
            }
        };
        check_depth(place.depth)?;
        Ok(place)
    }

    /// Whether this place is `other` or below it.
    pub fn is_within(&self, other: &Place) -> bool {
        self.path
            .strip_prefix(other.path.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Decides where `category`, whose deepest descendant lies `height` levels below it, comes to hang under `parent`.
pub fn plan_move(category: &Category, height: i64, parent: Option<&Category>) -> Result<Place> {
    if parent.is_some_and(|parent| parent.place.is_within(&category.place)) {
        return Err(Error::invalid("parent", "is the category itself or below it; choose one outside of it"));
    }
    let place = Place::below(parent, &category.id)?;
    check_depth(place.depth + height)?;
    Ok(place)
}

fn check_depth(depth: i64) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::invalid(
            "parent",
            format!("would make the tree {depth} deep; at most {MAX_DEPTH} levels are allowed"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
