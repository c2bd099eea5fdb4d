//! What others are told.

use shopmesh_proto::inventory::v1 as pb;

/// Units were added or taken at `location`, where `on_hand` are now.
pub fn stock_adjusted(variant: &str, location: &str, delta: i64, on_hand: i64) -> pb::StockAdjusted {
    pb::StockAdjusted { variant: variant.to_owned(), location: location.to_owned(), delta, on_hand }
}

/// Nothing is left to buy.
pub fn stock_ran_out(variant: &str) -> pb::StockRanOut {
    pb::StockRanOut { variant: variant.to_owned() }
}

/// A hold ran out of time.
pub fn reservation_expired(owner: &str) -> pb::ReservationExpired {
    pb::ReservationExpired { owner: owner.to_owned() }
}
