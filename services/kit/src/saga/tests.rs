//! Crashes and races.
