//! The tables of a service as its binary carries them. By hand instead of by sqlx's macro: that brings a second copy of sqlx
//! into each build.

use std::{borrow::Cow, sync::LazyLock};

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// A migrator of files by name, such as `0001_orders.sql`, and text, in their order.
///
/// # Panics
/// When a name does not begin with a number.
pub fn migrator(files: &[(&'static str, &'static str)]) -> Migrator {
    let migration = |(name, text): &(&'static str, &'static str)| {
        let (version, description) = name.trim_end_matches(".sql").split_once('_').unwrap_or((name, ""));
        let version = version.parse().unwrap_or_else(|_| panic!("{name} does not begin with a number"));
        let description = description.replace('_', " ");
        Migration::new(version, description.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator { migrations: Cow::Owned(files.iter().map(migration).collect()), ..Migrator::DEFAULT }
}

/// What a crate carries.
pub type Migrations = LazyLock<Migrator>;

/// The files in a folder of the crate, all of them by name:
/// `static MIGRATOR: Migrations = migrations!("migrations/sqlite": "0001_orders.sql", "0002_limits.sql");`
#[macro_export]
macro_rules! migrations {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        ::std::sync::LazyLock::new(|| {
            $crate::db::migrator(&[
                $(($file, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder, "/", $file)))),+
            ])
        })
    };
}
