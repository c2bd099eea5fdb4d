//! A provider for trying things: what a token does is in its name. It remembers in a database of its own, which
//! survives our crashes as a real provider would.
//!
//! | token | authorise | lookup |
//! |---|---|---|
//! | `tok_approve` | approved | approved |
//! | `tok_decline` | declined, `card_declined` | declined |
//! | `tok_timeout_then_approve` | recorded, but no answer comes | approved |
//! | `tok_unknown` | no answer comes | pending a few times, then declined |

use super::{Answer, Provider, ProviderError};
use shopmesh_kit::{
    BoxFuture,
    db::{Db, Migrator, Row, Tx, sql},
    error::Error,
    money::Money,
};
use std::path::Path;

static MIGRATOR: Migrator = sqlx::migrate!("sandbox/migrations");

const TOKENS: [&str; 4] = ["tok_approve", "tok_decline", "tok_timeout_then_approve", "tok_unknown"];
const AUTHORISED: &str = "authorised";
const CAPTURED: &str = "captured";
const DECLINED: &str = "declined";
const PENDING: &str = "pending";
const VOIDED: &str = "voided";

/// The sandbox provider.
pub struct Sandbox {
    db: Db,
    unknown_lookups: u32,
}

impl Sandbox {
    /// Opens what the provider remembers.
    pub async fn open(file: &Path, unknown_lookups: u32) -> anyhow::Result<Self> {
        Ok(Self { db: Db::open(file, &MIGRATOR).await?, unknown_lookups })
    }
}

/// Runs one step of the provider's own books.
async fn step<D, F>(db: &Db, data: D, job: F) -> Result<Answer, ProviderError>
where
    D: Send + Sync + 'static,
    F: for<'t> Fn(&'t mut Tx, &'t D) -> BoxFuture<'t, Result<Answer, Error>> + Send + Sync + 'static,
{
    db.write(data, job).await.map_err(|error| ProviderError::Unreachable(error.to_string()))
}

async fn charge(tx: &mut Tx, key: &str) -> Result<Option<Row>, Error> {
    Ok(sql("SELECT * FROM charges WHERE key = $1").bind(key).optional(tx).await?)
}

async fn set_state(tx: &mut Tx, key: &str, state: &'static str) -> Result<(), Error> {
    sql("UPDATE charges SET state = $2 WHERE key = $1").bind(key).bind(state).execute(tx).await?;
    Ok(())
}

fn answer_of(state: &str) -> Answer {
    match state {
        AUTHORISED | CAPTURED => Answer::Approved,
        PENDING => Answer::Pending,
        VOIDED => Answer::Declined("voided".to_owned()),
        _ => Answer::Declined("card_declined".to_owned()),
    }
}

async fn record(tx: &mut Tx, key: &str, token: &str, amount: Money) -> Result<Answer, Error> {
    if let Some(known) = charge(tx, key).await? {
        return Ok(answer_of(&known.text("state")?));
    }
    let state = match token {
        "tok_approve" | "tok_timeout_then_approve" => AUTHORISED,
        "tok_unknown" => PENDING,
        _ => DECLINED,
    };
    insert(tx, key, token, amount.minor, amount.currency.code(), state).await?;
    Ok(answer_of(state))
}

async fn insert(
    tx: &mut Tx,
    key: &str,
    token: &str,
    amount: i64,
    currency: &str,
    state: &'static str,
) -> Result<(), Error> {
    sql("INSERT INTO charges (key, token, amount, currency, state, refunded, lookups) VALUES ($1, $2, $3, $4, $5, 0, 0)")
        .bind(key)
        .bind(token)
        .bind(amount)
        .bind(currency)
        .bind(state)
        .execute(tx)
        .await?;
    Ok(())
}

impl Provider for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn knows_token(&self, token: &str) -> bool {
        TOKENS.contains(&token)
    }

    fn authorize<'a>(
        &'a self,
        key: &'a str,
        token: &'a str,
        amount: Money,
    ) -> BoxFuture<'a, Result<Answer, ProviderError>> {
        Box::pin(async move {
            if !self.knows_token(token) {
                return Err(ProviderError::UnknownToken);
            }
            let silent = matches!(token, "tok_timeout_then_approve" | "tok_unknown");
            let asked = (key.to_owned(), token.to_owned(), amount);
            let answer =
                step(&self.db, asked, |tx, (key, token, amount)| Box::pin(record(tx, key, token, *amount)));
            let answer = answer.await?;
            if silent { Err(ProviderError::NoAnswer) } else { Ok(answer) }
        })
    }

    fn capture<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Answer, ProviderError>> {
        Box::pin(step(&self.db, key.to_owned(), |tx, key| {
            Box::pin(async move {
                let Some(known) = charge(tx, key).await? else { return Ok(Answer::Unheard) };
                match known.text("state")?.as_str() {
                    AUTHORISED => set_state(tx, key, CAPTURED).await?,
                    CAPTURED => {}
                    _ => return Ok(Answer::Declined("not_authorised".to_owned())),
                }
                Ok(Answer::Done)
            })
        }))
    }

    fn void<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Answer, ProviderError>> {
        Box::pin(step(&self.db, key.to_owned(), |tx, key| {
            Box::pin(async move {
                match charge(tx, key).await? {
                    // A late authorise of this key finds it voided.
                    None => insert(tx, key, "", 0, "", VOIDED).await?,
                    Some(known) if known.text("state")? == CAPTURED => {
                        return Ok(Answer::Declined("already_captured".to_owned()));
                    }
                    Some(_) => set_state(tx, key, VOIDED).await?,
                }
                Ok(Answer::Done)
            })
        }))
    }

    fn refund<'a>(
        &'a self,
        key: &'a str,
        refund: &'a str,
        amount: Money,
    ) -> BoxFuture<'a, Result<Answer, ProviderError>> {
        Box::pin(step(
            &self.db,
            (key.to_owned(), refund.to_owned(), amount.minor),
            |tx, (key, refund, amount)| {
                Box::pin(async move {
                    let Some(known) = charge(tx, key).await? else { return Ok(Answer::Unheard) };
                    let seen =
                        sql("SELECT key FROM refunds WHERE key = $1").bind(refund).optional(&mut *tx).await?;
                    if seen.is_some() {
                        return Ok(Answer::Done);
                    }
                    let left = known.int("amount")? - known.int("refunded")?;
                    if known.text("state")? != CAPTURED || *amount > left {
                        return Ok(Answer::Declined("refund_exceeds_charge".to_owned()));
                    }
                    sql("INSERT INTO refunds (key, charge, amount) VALUES ($1, $2, $3)")
                        .bind(refund)
                        .bind(key)
                        .bind(*amount)
                        .execute(&mut *tx)
                        .await?;
                    sql("UPDATE charges SET refunded = refunded + $2 WHERE key = $1")
                        .bind(key)
                        .bind(*amount)
                        .execute(tx)
                        .await?;
                    Ok(Answer::Done)
                })
            },
        ))
    }

    fn lookup<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Answer, ProviderError>> {
        let patience = i64::from(self.unknown_lookups);
        Box::pin(step(&self.db, (key.to_owned(), patience), |tx, (key, patience)| {
            Box::pin(async move {
                let Some(known) = charge(tx, key).await? else { return Ok(Answer::Unheard) };
                let state = known.text("state")?;
                if state != PENDING {
                    return Ok(answer_of(&state));
                }
                sql("UPDATE charges SET lookups = lookups + 1 WHERE key = $1")
                    .bind(key)
                    .execute(&mut *tx)
                    .await?;
                if known.int("lookups")? < *patience {
                    return Ok(Answer::Pending);
                }
                set_state(tx, key, DECLINED).await?;
                Ok(answer_of(DECLINED))
            })
        }))
    }
}
