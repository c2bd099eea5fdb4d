//! Names of a contract, looked up by texts of strangers.

use std::cmp::Ordering;

/// What each name stands for. The names are sorted, so that no choice of texts can be slow to look up, and by length first, so that
/// most comparisons look at no text.
#[derive(Debug)]
pub struct NameTable<T>(Vec<(Box<str>, T)>);

impl<T: Copy> NameTable<T> {
    /// Of names given twice the first counts.
    pub fn new(mut names: Vec<(Box<str>, T)>) -> Self {
        names.sort_by(|(one, _), (other, _)| order(one, other));
        names.dedup_by(|(later, _), (first, _)| later == first);
        Self(names)
    }

    pub fn get(&self, name: &str) -> Option<T> {
        self.0.binary_search_by(|(other, _)| order(other, name)).ok().map(|at| self.0[at].1)
    }
}

fn order(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.as_bytes().cmp(other.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_the_first_counts() {
        let names = ["b", "aa", "a", "", "b", "longer"];
        let table = NameTable::new(names.iter().map(|name| (*name).into()).zip(0..).collect());
        for (name, value) in
            [("b", Some(0)), ("aa", Some(1)), ("a", Some(2)), ("", Some(3)), ("longer", Some(5))]
        {
            assert_eq!(table.get(name), value, "{name}");
        }
        assert_eq!((table.get("c"), table.get("longes")), (None, None));
    }
}
