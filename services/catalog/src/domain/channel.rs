//! Channels: where and how the shop sells.

use shopmesh_kit::money::Currency;

/// The channel every shop starts with.
pub const DEFAULT_CHANNEL: &str = "channels/default";

/// Most channels a shop may have: they are listed in one answer.
pub const MAX_CHANNELS: usize = 100;

/// Whether shown prices contain tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaxMode {
    /// Prices contain tax.
    Inclusive,
    /// Tax comes on top.
    Exclusive,
}

/// A way of selling: one currency, one language, some countries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// `channels/...`.
    pub name: String,
    /// Currency of every price in it.
    pub currency: Currency,
    /// What else is known of it.
    pub profile: ChannelProfile,
}

/// The part of a channel that no rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelProfile {
    /// Shown name.
    pub title: String,
    /// BCP 47.
    pub locale: String,
    /// Tax mode.
    pub tax_mode: TaxMode,
    /// ISO 3166-1 alpha-2 codes.
    pub countries: Vec<String>,
}
