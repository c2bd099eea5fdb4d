//! Enumerations as the integers that rows hold.

use shopmesh_kit::coded;

use crate::domain::{attribute::AttributeType, product::ProductState};

coded!(ProductState { Draft = 1, Active = 2, Archived = 3 });

coded!(AttributeType { Text = 1, Number = 2, Flag = 3 });
