//! Who holds which role.

use std::collections::HashMap;

use shopmesh_kit::{
    clock::Timestamp,
    db::{DbError, Executor, Row, Tx, sql},
    error::{Error, Result},
};

use super::revocations;
use crate::{
    domain::{
        roles::{Role, RoleBinding},
        user::UserState,
    },
    ids::UserId,
};

/// The roles of those of `users` that hold one, first granted first.
pub async fn of(on: impl Executor, users: &[UserId]) -> Result<HashMap<UserId, Vec<RoleBinding>>> {
    let mut bindings: HashMap<UserId, Vec<RoleBinding>> = HashMap::with_capacity(users.len());
    if users.is_empty() {
        return Ok(bindings);
    }
    let held = sql("SELECT user_id, role, scope FROM role_bindings WHERE ").in_list("user_id", users);
    for row in held.then(" ORDER BY granted, role, scope").all(on).await? {
        bindings.entry(UserId::stored(&row.text("user_id")?)?).or_default().push(read(&row)?);
    }
    Ok(bindings)
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
    .bind(user)
    .bind(&binding.role)
    .bind(&binding.scope)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// The version of an account with its roles, first granted first. Read at once: a token must not name a version that is
/// newer than its roles.
pub async fn with_version(on: impl Executor, user: &UserId) -> Result<(i64, Vec<RoleBinding>)> {
    let rows = sql("SELECT version, role, scope FROM users LEFT JOIN role_bindings ON user_id = id
         WHERE id = $1 ORDER BY granted, role, scope");
    let rows = rows.bind(user).all(on).await?;
    let version = rows.first().ok_or_else(|| Error::not_found(&user.name()))?.int("version")?;
    let mut bindings = Vec::with_capacity(rows.len());
    for row in &rows {
        if row.opt_int("role")?.is_some() {
            bindings.push(read(row)?);
        }
    }
    Ok((version, bindings))
}

/// Takes a role away; tokens of the account before `version` are void.
pub async fn delete(
    tx: &mut Tx,
    user: &UserId,
    binding: &RoleBinding,
    version: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    revocations::insert(&mut *tx, &user.name(), version, now).await?;
    sql("DELETE FROM role_bindings WHERE user_id = $1 AND role = $2 AND scope = $3")
        .bind(user)
        .bind(&binding.role)
        .bind(&binding.scope)
        .execute(tx)
        .await?;
    Ok(())
}

/// How many other accounts are operators and may sign in.
pub async fn other_operators(tx: &mut Tx, user: &UserId) -> Result<i64, DbError> {
    // Writing every operator's row makes two revocations wait for one another, so that both cannot count the other.
    let lock = sql("UPDATE role_bindings SET granted = granted WHERE role = $1");
    lock.bind(&Role::Operator).execute(&mut *tx).await?;
    let row =
        sql("SELECT CAST(COUNT(*) AS BIGINT) AS others FROM role_bindings JOIN users ON users.id = user_id
         WHERE role = $1 AND user_id <> $2 AND state = $3")
        .bind(&Role::Operator)
        .bind(user)
        .bind(&UserState::Active)
        .one(tx)
        .await?;
    row.int("others")
}

fn read(row: &Row) -> Result<RoleBinding, DbError> {
    Ok(RoleBinding { role: row.coded("role")?, scope: row.text("scope")? })
}
