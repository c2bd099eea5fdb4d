//! Parts of a statement whose length is only known when it runs.

/// Rows a statement of many rows holds: enough to save round trips, few enough for every engine's limit on parameters.
pub const ROWS_PER_STATEMENT: usize = 200;

/// `$first,$first+1,...` for `count` values, as in `IN (...)`.
pub(super) fn placeholders(first: usize, count: usize) -> String {
    let names: Vec<String> = (first..first + count).map(|at| format!("${at}")).collect();
    names.join(",")
}

/// `($first,..),(..)` for `rows` rows of `width` values, as in `VALUES ...`.
pub fn row_placeholders(first: usize, rows: usize, width: usize) -> String {
    let row = |at: usize| format!("({})", placeholders(first + at * width, width));
    let rows: Vec<String> = (0..rows).map(row).collect();
    rows.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on() {
        assert_eq!(placeholders(3, 2), "$3,$4");
        assert_eq!(row_placeholders(2, 2, 2), "($2,$3),($4,$5)");
    }
}
