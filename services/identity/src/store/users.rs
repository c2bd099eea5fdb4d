//! Accounts. The profile (address and name) is sealed under the person's key; the address is found by its keyed hash.

use std::slice;

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, DbError, Executor, Query, Row, Tx, sql},
    error::{Error, Result},
    page::Rows,
    sealed::{Sealed, Sealer},
};

use super::{revocations, roles};
use crate::{
    domain::{
        email::Email,
        roles::RoleBinding,
        user::{User, UserState},
    },
    ids::UserId,
};

/// What signing in needs of an account.
pub struct Credentials {
    /// The account.
    pub user: UserId,
    /// PHC string.
    pub password_hash: String,
    /// Whether it may sign in.
    pub state: UserState,
}

/// Inserts an account without roles; `false` when its address is taken.
pub async fn insert(
    tx: &mut Tx,
    sealer: &Sealer,
    user: &User,
    email_key: &[u8],
    password_hash: &str,
) -> Result<bool> {
    let profile = seal_profile(tx, sealer, user).await?;
    let inserted =
        sql("INSERT INTO users (id, email_key, sealed_profile, password_hash, locale, state, addresses,
            repeat_told, version, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8, $9) ON CONFLICT (email_key) DO NOTHING")
        .bind(&user.id)
        .bind(email_key)
        .bind(profile)
        .bind(password_hash)
        .bind(&user.locale)
        .bind(&user.state)
        .bind(user.version)
        .bind(user.created)
        .bind(user.updated)
        .execute(tx)
        .await?;
    Ok(inserted == 1)
}

/// The account with this address.
pub async fn credentials(on: impl Executor, email_key: &[u8]) -> Result<Option<Credentials>> {
    let row = sql("SELECT id, password_hash, state FROM users WHERE email_key = $1").bind(email_key);
    let Some(row) = row.optional(on).await? else { return Ok(None) };
    Ok(Some(Credentials {
        user: id(&row)?,
        password_hash: row.text("password_hash")?,
        state: row.coded("state")?,
    }))
}

/// Whether the account exists and may sign in.
pub async fn is_active(on: impl Executor, user: &UserId) -> Result<bool> {
    let row = sql("SELECT state FROM users WHERE id = $1").bind(user).optional(on).await?;
    Ok(row.map(|row| row.coded("state")).transpose()? == Some(UserState::Active))
}

/// Notes that the owner is told of a repeated sign-up, if that was not done since `before`.
pub async fn note_repeat(
    tx: &mut Tx,
    user: &UserId,
    before: Timestamp,
    now: Timestamp,
) -> Result<bool, DbError> {
    let noted = sql("UPDATE users SET repeat_told = $3 WHERE id = $1 AND repeat_told <= $2");
    Ok(noted.bind(user).bind(before).bind(now).execute(tx).await? == 1)
}

/// The account, or NOT_FOUND.
pub async fn get(db: &Db, sealer: &Sealer, user: &UserId) -> Result<User> {
    let found = batch(db, sealer, slice::from_ref(user)).await?;
    found.into_iter().next().ok_or_else(|| Error::not_found(&user.name()))
}

/// The account inside a transaction, or NOT_FOUND.
pub async fn load(tx: &mut Tx, sealer: &Sealer, user: &UserId) -> Result<User> {
    let only = slice::from_ref(user);
    let row = select(only).optional(&mut *tx).await?.ok_or_else(|| Error::not_found(&user.name()))?;
    let bindings = roles::of(&mut *tx, only).await?.remove(user).unwrap_or_default();
    let profile = sealer.open(tx, &user.name(), &context(user), &row.blob("sealed_profile")?).await?;
    read(&row, bindings, &profile)
}

/// Accounts older than `before`, newest first.
pub async fn list(db: &Db, sealer: &Sealer, before: Option<&UserId>, size: usize) -> Result<Rows<User>> {
    let query = sql("SELECT * FROM users WHERE TRUE").and("id <", before).then(" ORDER BY id DESC");
    let rows = query.page(db, size).await?;
    rows.load(|rows| open_all(db, sealer, rows)).await
}

/// Those of `users` that exist.
pub async fn batch(db: &Db, sealer: &Sealer, users: &[UserId]) -> Result<Vec<User>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    open_all(db, sealer, select(users).all(db).await?).await
}

/// Writes a changed account over version `before`; another change in between is ABORTED. Tokens of an account that may
/// not sign in are void.
pub async fn update(tx: &mut Tx, sealer: &Sealer, user: &User, before: i64) -> Result<()> {
    let profile = seal_profile(tx, sealer, user).await?;
    let updated =
        sql("UPDATE users SET sealed_profile = $3, locale = $4, state = $5, version = $6, updated = $7
         WHERE id = $1 AND version = $2")
        .bind(&user.id)
        .bind(before)
        .bind(profile)
        .bind(&user.locale)
        .bind(&user.state)
        .bind(user.version)
        .bind(user.updated)
        .execute(&mut *tx)
        .await?;
    if updated != 1 {
        let problem = "the account has changed since it was read; read it again and retry";
        return Err(Error::aborted("ETAG_MISMATCH", problem));
    }
    if user.state == UserState::Suspended {
        revocations::insert(tx, &user.id.name(), user.version, user.updated).await?;
    }
    Ok(())
}

/// What is sealed of an account.
#[derive(Serialize, Deserialize)]
struct Profile {
    email: String,
    display_name: String,
}

fn select(users: &[UserId]) -> Query {
    sql("SELECT * FROM users WHERE ").in_list("id", users).then(" ORDER BY id")
}

async fn seal_profile(tx: &mut Tx, sealer: &Sealer, user: &User) -> Result<Vec<u8>> {
    let profile = Profile { email: user.email.as_str().to_owned(), display_name: user.display_name.clone() };
    let profile = serde_json::to_vec(&profile).map_err(Error::internal)?;
    sealer.seal(tx, &user.id.name(), &context(&user.id), &profile).await
}

/// The accounts of `rows`, with one statement for all their roles and one for all keys.
async fn open_all(db: &Db, sealer: &Sealer, rows: Vec<Row>) -> Result<Vec<User>> {
    let (mut users, mut profiles) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        let user = id(row)?;
        let (person, context) = (user.name(), context(&user));
        profiles.push(Sealed { person, context, text: row.blob("sealed_profile")? });
        users.push(user);
    }
    let mut bindings = roles::of(db, &users).await?;
    let profiles = sealer.open_all(db, &profiles).await?;
    let opened = rows.iter().zip(users).zip(&profiles);
    opened
        .map(|((row, user), profile)| read(row, bindings.remove(&user).unwrap_or_default(), profile))
        .collect()
}

fn read(row: &Row, bindings: Vec<RoleBinding>, profile: &[u8]) -> Result<User> {
    let profile: Profile = serde_json::from_slice(profile).map_err(Error::internal)?;
    Ok(User {
        id: id(row)?,
        email: Email::parse("email", &profile.email)?,
        display_name: profile.display_name,
        locale: row.text("locale")?,
        state: row.coded("state")?,
        bindings,
        version: row.int("version")?,
        created: Timestamp(row.int("created")?),
        updated: Timestamp(row.int("updated")?),
    })
}

fn id(row: &Row) -> Result<UserId> {
    UserId::stored(&row.text("id")?)
}

/// What a sealed profile is bound to.
fn context(user: &UserId) -> String {
    format!("{}/profile", user.name())
}
