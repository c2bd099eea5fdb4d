//! What a recount of all stock finds.

/// A quantity of a stock row that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `variants/...`.
    pub variant: String,
    /// `locations/...`.
    pub location: String,
    /// `on_hand`, `held` or `allocated`.
    pub quantity: &'static str,
    /// What the row says.
    pub stored: i64,
    /// What the movements and reservations say.
    pub computed: i64,
}

/// Sums over all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Rows.
    pub rows: i64,
    /// Units on hand.
    pub on_hand: i64,
    /// Units held.
    pub held: i64,
    /// Units allocated.
    pub allocated: i64,
}
