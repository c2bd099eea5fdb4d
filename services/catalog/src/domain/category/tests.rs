//! The tree stays a tree, whatever is moved where.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn category(parent: Option<&Category>) -> Result<Category> {
    let id = CategoryId::generate();
    let place = Place::below(parent, &id)?;
    Ok(Category {
        parent: parent.map(|parent| parent.id.clone()),
        code: "c".into(),
        title: "C".into(),
        id,
        place,
    })
}

#[test]
fn the_tenth_level_is_the_last() {
    let mut deepest = category(None).unwrap();
    for depth in 2..=MAX_DEPTH {
        deepest = category(Some(&deepest)).unwrap();
        assert_eq!(deepest.place.depth, depth);
    }
    assert!(category(Some(&deepest)).is_err());
}

#[test]
fn a_move_below_itself_is_refused() {
    let root = category(None).unwrap();
    let child = category(Some(&root)).unwrap();
    let grandchild = category(Some(&child)).unwrap();
    for parent in [&root, &child, &grandchild] {
        assert!(plan_move(&root, 2, Some(parent)).is_err());
    }
    assert_eq!(plan_move(&grandchild, 0, Some(&root)).unwrap().depth, 2);
}

#[test]
fn a_move_counts_what_hangs_below() {
    let root = category(None).unwrap();
    let other = category(None).unwrap();
    assert!(plan_move(&root, MAX_DEPTH - 2, Some(&other)).is_ok());
    assert!(plan_move(&root, MAX_DEPTH - 1, Some(&other)).is_err());
}

/// Applies a planned move to a model of the tree, as the store does to its rows.
fn apply(tree: &mut [Category], moved: usize, parent: Option<usize>, place: &Place) {
    let old = tree[moved].place.clone();
    let parent_id = parent.map(|parent| tree[parent].id.clone());
    for node in tree.iter_mut().filter(|node| node.place.is_within(&old)) {
        node.place.path = format!("{}{}", place.path, &node.place.path[old.path.len()..]);
        node.place.depth += place.depth - old.depth;
    }
    tree[moved].parent = parent_id;
}

fn height(tree: &[Category], of: usize) -> i64 {
    tree.iter()
        .filter(|node| node.place.is_within(&tree[of].place))
        .map(|node| node.place.depth)
        .max()
        .unwrap()
        - tree[of].place.depth
}

proptest! {
    #[test]
    fn random_moves_keep_the_tree(
        parents in prop::collection::vec(prop::option::of(0_usize..40), 1..40),
        moves in prop::collection::vec((0_usize..40, prop::option::of(0_usize..40)), 0..80),
    ) {
        let mut tree: Vec<Category> = Vec::new();
        for parent in parents {
            let parent = parent.and_then(|at| tree.get(at).cloned());
            if let Ok(node) = category(parent.as_ref()) {
                tree.push(node);
            }
        }
        for (moved, parent) in moves {
            let moved = moved % tree.len();
            let parent = parent.map(|parent| parent % tree.len());
            if let Ok(place) = plan_move(&tree[moved], height(&tree, moved), parent.map(|at| &tree[at])) {
                apply(&mut tree, moved, parent, &place);
            }
            let by_id: HashMap<_, _> = tree.iter().map(|node| (node.id.clone(), node)).collect();
            for node in &tree {
                let mut path = vec![node.id.as_str().to_owned()];
                let mut at = node;
                while let Some(parent) = &at.parent {
                    path.push(parent.as_str().to_owned());
                    prop_assert!(path.len() <= 10, "a cycle, or too deep");
                    at = by_id[parent];
                }
                path.reverse();
                prop_assert_eq!(&node.place.path, &path.join("/"));
                prop_assert_eq!(usize::try_from(node.place.depth).unwrap(), path.len());
            }
        }
    }
}
