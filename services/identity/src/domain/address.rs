//! A postal address.

use serde::{Deserialize, Serialize};
use shopmesh_kit::error::Result;

use super::text;

/// A postal address; lengths and patterns are checked by the contract. Has no `Debug`: it is personal.
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

impl Address {
    /// Accepts what can be printed on a label: one line of composed text per field.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming the field below `address`.
    pub fn check(&self) -> Result<()> {
        text::check_line("address.recipient", &self.recipient)?;
        for (index, line) in self.lines.iter().enumerate() {
            text::check_line(&format!("address.lines[{index}]"), line)?;
        }
        text::check_line("address.locality", &self.locality)?;
        text::check_line("address.administrative_area", &self.administrative_area)?;
        text::check_line("address.postal_code", &self.postal_code)
    }
}
