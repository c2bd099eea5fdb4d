//! Enumerations as the integers that rows hold.

use shopmesh_kit::coded;

use crate::domain::{movement::Reason, reservation::ReservationState};

coded!(ReservationState { Held = 1, Committed = 2, Fulfilled = 3, Released = 4, Expired = 5 });

coded!(Reason { Received = 1, Counted = 2, Damaged = 3, Sold = 4, Returned = 5 });
