//! Places that hold stock.

/// Most locations a shop has.
pub const MOST_LOCATIONS: usize = 1000;

/// A place that holds stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// `locations/...`.
    pub name: String,
    /// Shown name.
    pub title: String,
    /// Lower is taken from first.
    pub priority: i64,
}
