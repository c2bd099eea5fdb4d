//! PostgreSQL: one pool; each write in a transaction of its own.

mod statement;
mod writes;

pub(super) use statement::{control, execute, fetch};
pub(super) use writes::spawn;

use std::{sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    Db, DbError, Engine, Inner, Migrations, Migrator, condition::Observed, tables, topics::CommitCounts,
};

/// Longest wait for a free connection.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(5);
const CONNECTIONS: u32 = 16;

/// The kit's own tables.
static KIT: Migrations =
    crate::migrations!("migrations/postgres": "0001_kit.sql", "0002_inbox_order.sql", "0003_facts.sql");

/// Opens the database at `url` and brings its tables up to date.
pub(super) async fn open(url: &str, migrator: &'static Migrator) -> Result<Db, DbError> {
    let options: PgConnectOptions = url.parse()?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_LIMIT)
        .connect_with(options.disable_statement_logging())
        .await?;
    let mut kit = Migrator { migrations: KIT.migrations.clone(), ..Migrator::DEFAULT };
    kit.dangerous_set_table_name(tables::MIGRATIONS);
    kit.run(&pool).await?;
    migrator.run(&pool).await?;
    let (counts, observed) = (Arc::new(CommitCounts::default()), Arc::new(Observed::default()));
    Ok(Db(Arc::new(Inner { engine: Engine::Postgres(pool), counts, observed })))
}
