//! Group commit, isolation of failing jobs, arity.

use super::{testing::temp_db, *};
