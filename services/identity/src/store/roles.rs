//! Who holds which role.

use shopmesh_kit::{
    clock::Timestamp,
    db::{DbError, Executor, Row, Tx, sql},
    error::{Error, Result},
};
use shopmesh_mesh::server::RoleBinding;
use shopmesh_proto::policy::Role;

use crate::ids::UserId;

/// The roles of an account, first granted first.
pub async fn of(on: impl Executor, user: &UserId) -> Result<Vec<RoleBinding>> {
    let rows = sql("SELECT role, scope FROM role_bindings WHERE user_id = $1 ORDER BY granted, role, scope");
    rows.bind(user.name()).all(on).await?.iter().map(read).collect()
}

/// Grants a role; one that is held stays as it is.
pub async fn insert(
    tx: &mut Tx,
    user: &UserId,
    binding: &RoleBinding,
    now: Timestamp,
) -> Result<(), DbError> {
    sql("INSERT INTO role_bindings (user_id, role, scope, granted) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, role, scope) DO NOTHING")
    .bind(user.name())
    .bind(binding.role.as_str())
    .bind(&binding.scope)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes a role away.
pub async fn delete(tx: &mut Tx, user: &UserId, binding: &RoleBinding) -> Result<(), DbError> {
    sql("DELETE FROM role_bindings WHERE user_id = $1 AND role = $2 AND scope = $3")
        .bind(user.name())
        .bind(binding.role.as_str())
        .bind(&binding.scope)
        .execute(tx)
        .await?;
    Ok(())
}

/// How many other accounts are operators and may sign in.
pub async fn other_operators(tx: &mut Tx, user: &UserId) -> Result<i64, DbError> {
    // Writing every operator's row makes two revocations wait for one another, so that both cannot count the other.
    sql("UPDATE role_bindings SET granted = granted WHERE role = 'operator'").execute(&mut *tx).await?;
    let row =
        sql("SELECT CAST(COUNT(*) AS BIGINT) AS others FROM role_bindings JOIN users ON users.id = user_id
         WHERE role = 'operator' AND user_id <> $1 AND state = 1")
        .bind(user.name())
        .one(tx)
        .await?;
    row.int("others")
}

fn read(row: &Row) -> Result<RoleBinding> {
    let role = row.text("role")?;
    let role = Role::parse(&role)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("role_bindings.role holds {role}")))?;
    Ok(RoleBinding { role, scope: row.text("scope")? })
}
