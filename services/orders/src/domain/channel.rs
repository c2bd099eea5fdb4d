//! What orders needs to know of a channel.

use shopmesh_kit::{
    error::{Error, Result},
    money::Currency,
};

/// The channel of a cart whose request names none.
pub const DEFAULT_CHANNEL: &str = "channels/default";

/// A channel of the catalog.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its one currency.
    pub currency: Currency,
    /// ISO 3166-1 alpha-2 codes of the countries it ships to.
    pub countries: Vec<String>,
}

impl Channel {
    /// Refuses a country that it does not ship to.
    pub fn require_country(&self, region_code: &str) -> Result<()> {
        if self.countries.iter().any(|country| country == region_code) {
            return Ok(());
        }
        let problem = format!("is not shipped to; choose one of {}", self.countries.join(", "));
        Err(Error::invalid("shipping_address.region_code", problem))
    }
}
