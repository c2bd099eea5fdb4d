//! Channels that were asked for.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use crate::domain::channel::Channel;

/// Channels never change once created, so each is asked for once per process.
pub type KnownChannels = Arc<RwLock<HashMap<String, Arc<Channel>>>>;
