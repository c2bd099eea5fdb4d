//! The closed list of services: names in identities, directories, metrics and on the command line.

use std::{fmt, str::FromStr};

/// A service of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServiceName {
    /// Accounts, sessions, roles.
    Identity,
    /// Products, prices, search.
    Catalog,
    /// Stock and reservations.
    Inventory,
    /// Carts, checkout, orders.
    Orders,
    /// Payments and the ledger.
    Payments,
    /// Messages to people.
    Notifications,
    /// What clients of the edge need beside the shop.
    Platform,
}

impl ServiceName {
    /// Every service, in the order of their ports.
    pub const ALL: [Self; 7] = [
        Self::Identity,
        Self::Catalog,
        Self::Inventory,
        Self::Orders,
        Self::Payments,
        Self::Notifications,
        Self::Platform,
    ];

    /// The name in identities, packages and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Catalog => "catalog",
            Self::Inventory => "inventory",
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Notifications => "notifications",
            Self::Platform => "platform",
        }
    }

    /// The mesh port when no offset is given.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Identity => 9101,
            Self::Catalog => 9102,
            Self::Inventory => 9103,
            Self::Orders => 9104,
            Self::Payments => 9105,
            Self::Notifications => 9106,
            Self::Platform => 9110,
        }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// A name that is no service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a service: use one of identity, catalog, inventory, orders, payments, notifications, platform"
)]
pub struct UnknownService(String);

impl FromStr for ServiceName {
    type Err = UnknownService;

    fn from_str(name: &str) -> Result<Self, UnknownService> {
        Self::ALL
            .into_iter()
            .find(|service| service.as_str() == name)
            .ok_or_else(|| UnknownService(name.to_owned()))
    }
}
