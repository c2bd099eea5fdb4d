//! What catalog tells the others. It listens to none.

pub mod published;
