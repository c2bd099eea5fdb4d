//! Enumerations as the integers that rows hold.

use shopmesh_kit::coded;

use crate::domain::{roles::Role, user::UserState};

coded!(UserState { Active = 1, Suspended = 2 });

coded!(Role { Shopper = 1, Seller = 2, Operator = 3 });
