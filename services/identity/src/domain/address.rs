//! A postal address.

use serde::{Deserialize, Serialize};

/// A postal address; its texts are checked by the contract. Has no `Debug`: it is personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Person or company the parcel is for.
    pub recipient: String,
    /// Street lines.
    pub lines: Vec<String>,
    /// City.
    pub locality: String,
    /// State or province.
    pub administrative_area: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub region_code: String,
    /// E.164; may be empty.
    pub phone: String,
}
