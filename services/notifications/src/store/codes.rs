//! Enumerations as the integers that rows hold.

use shopmesh_kit::coded;

use crate::domain::delivery::{Channel, State};

coded!(Channel { Email = 1 });

coded!(State { Queued = 1, Sent = 2, Failed = 3 });
