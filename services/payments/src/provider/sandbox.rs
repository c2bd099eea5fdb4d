//! A provider for trying things: what a token does is in its name. It remembers in a database of its own, which
//! survives our crashes as a real provider would.
//!
//! | token | authorise | lookup |
//! |---|---|---|
//! | `tok_approve` | approved | approved |
//! | `tok_decline` | declined, `card_declined` | declined |
//! | `tok_timeout_then_approve` | recorded, but the first answer never comes | approved |
//! | `tok_unknown` | no answer ever comes | pending a few times, then declined |

use std::path::Path;

use shopmesh_kit::{
    BoxFuture,
    db::{Db, Migrator, Row, Tx, sql},
    error::{Error, Result as DbResult},
    money::Money,
};

use super::{Answer, Answered, Provider, ProviderError};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sandbox");

const APPROVE: &str = "tok_approve";
const DECLINE: &str = "tok_decline";
const TIMEOUT_THEN_APPROVE: &str = "tok_timeout_then_approve";
const UNKNOWN: &str = "tok_unknown";

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

/// What is to be held.
struct Charge {
    key: String,
    token: String,
    amount: Money,
}

impl Sandbox {
    /// Opens what the provider remembers. `unknown_lookups` is how often it answers `pending` about `tok_unknown`.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open(file: &Path, unknown_lookups: u32) -> anyhow::Result<Self> {
        Ok(Self { db: Db::open(file, &MIGRATOR).await?, unknown_lookups })
    }

    /// Runs one step of the provider's books.
    async fn step<D, T, F>(&self, data: D, job: F) -> Result<T, ProviderError>
    where
        D: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t D) -> BoxFuture<'t, DbResult<T>> + Send + Sync + 'static,
    {
        self.db.write(data, job).await.map_err(|error| ProviderError::Unreachable(error.to_string()))
    }
}

impl Provider for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn knows_token(&self, token: &str) -> bool {
        [APPROVE, DECLINE, TIMEOUT_THEN_APPROVE, UNKNOWN].contains(&token)
    }

    fn authorize<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answered<'a> {
        Box::pin(async move {
            if !self.knows_token(token) {
                return Err(ProviderError::UnknownToken);
            }
            let charge = Charge { key: key.to_owned(), token: token.to_owned(), amount };
            let (answer, is_first) = self.step(charge, |tx, charge| Box::pin(hold(tx, charge))).await?;
            match token {
                UNKNOWN => std::future::pending().await,
                TIMEOUT_THEN_APPROVE if is_first => std::future::pending().await,
                _ => Ok(answer),
            }
        })
    }

    fn lookup<'a>(&'a self, key: &'a str) -> Answered<'a> {
        let asked = (key.to_owned(), i64::from(self.unknown_lookups));
        Box::pin(self.step(asked, |tx, (key, patience)| Box::pin(look_up(tx, key, *patience))))
    }

    fn capture<'a>(&'a self, key: &'a str) -> Answered<'a> {
        Box::pin(self.step(key.to_owned(), |tx, key| Box::pin(capture(tx, key))))
    }

    fn void<'a>(&'a self, key: &'a str) -> Answered<'a> {
        Box::pin(self.step(key.to_owned(), |tx, key| Box::pin(void(tx, key))))
    }

    fn refund<'a>(&'a self, key: &'a str, refund: &'a str, amount: Money) -> Answered<'a> {
        let asked = (key.to_owned(), refund.to_owned(), amount);
        Box::pin(self.step(asked, |tx, (key, refund, amount)| Box::pin(give_back(tx, key, refund, *amount))))
    }
}

fn declined(code: &str) -> Answer {
    Answer::Declined(code.to_owned())
}

fn answer_of(state: &str) -> Answer {
    match state {
        AUTHORISED | CAPTURED => Answer::Approved,
        PENDING => Answer::Pending,
        VOIDED => declined("voided"),
        _ => declined("card_declined"),
    }
}

async fn find(tx: &mut Tx, key: &str) -> DbResult<Option<Row>> {
    Ok(sql("SELECT * FROM charges WHERE key = $1").bind(key).optional(tx).await?)
}

async fn insert(tx: &mut Tx, key: &str, amount: Option<Money>, state: &str) -> DbResult<()> {
    sql(
        "INSERT INTO charges (key, currency, amount, state, refunded, lookups) VALUES ($1, $2, $3, $4, 0, 0)",
    )
    .bind(key)
    .bind(amount.map_or("", |amount| amount.currency.code()))
    .bind(amount.map_or(0, |amount| amount.minor))
    .bind(state)
    .execute(tx)
    .await?;
    Ok(())
}

async fn set_state(tx: &mut Tx, key: &str, state: &str) -> DbResult<()> {
    sql("UPDATE charges SET state = $2 WHERE key = $1").bind(key).bind(state).execute(tx).await?;
    Ok(())
}

/// The answer to an authorisation, and whether the key is new.
async fn hold(tx: &mut Tx, charge: &Charge) -> DbResult<(Answer, bool)> {
    let Charge { key, token, amount } = charge;
    let Some(known) = find(tx, key).await? else {
        let state = match token.as_str() {
            DECLINE => DECLINED,
            UNKNOWN => PENDING,
            _ => AUTHORISED,
        };
        insert(tx, key, Some(*amount), state).await?;
        return Ok((answer_of(state), true));
    };
    let state = known.text("state")?;
    let is_same = known.int("amount")? == amount.minor && known.text("currency")? == amount.currency.code();
    let answer = if is_same || state == VOIDED { answer_of(&state) } else { declined("key_reused") };
    Ok((answer, false))
}

async fn look_up(tx: &mut Tx, key: &str, patience: i64) -> DbResult<Answer> {
    let Some(known) = find(tx, key).await? else { return Ok(Answer::Unheard) };
    let state = known.text("state")?;
    if state != PENDING {
        return Ok(answer_of(&state));
    }
    if known.int("lookups")? >= patience {
        set_state(tx, key, DECLINED).await?;
        return Ok(answer_of(DECLINED));
    }
    sql("UPDATE charges SET lookups = lookups + 1 WHERE key = $1").bind(key).execute(tx).await?;
    Ok(Answer::Pending)
}

async fn capture(tx: &mut Tx, key: &str) -> DbResult<Answer> {
    let Some(known) = find(tx, key).await? else { return Ok(Answer::Unheard) };
    match known.text("state")?.as_str() {
        AUTHORISED => set_state(tx, key, CAPTURED).await?,
        CAPTURED => {}
        _ => return Ok(declined("not_authorised")),
    }
    Ok(Answer::Done)
}

async fn void(tx: &mut Tx, key: &str) -> DbResult<Answer> {
    match find(tx, key).await? {
        None => insert(tx, key, None, VOIDED).await?,
        Some(known) if known.text("state")? == CAPTURED => return Ok(declined("already_captured")),
        Some(_) => set_state(tx, key, VOIDED).await?,
    }
    Ok(Answer::Done)
}

async fn give_back(tx: &mut Tx, key: &str, refund: &str, amount: Money) -> DbResult<Answer> {
    let Some(known) = find(tx, key).await? else { return Ok(Answer::Unheard) };
    let seen = sql("SELECT amount FROM refunds WHERE key = $1").bind(refund).optional(&mut *tx).await?;
    if let Some(seen) = seen {
        return Ok(if seen.int("amount")? == amount.minor { Answer::Done } else { declined("key_reused") });
    }
    let left = known.int("amount")? - known.int("refunded")?;
    if known.text("state")? != CAPTURED || amount.minor > left {
        return Ok(declined("refund_exceeds_charge"));
    }
    sql("INSERT INTO refunds (key, charge, amount) VALUES ($1, $2, $3)")
        .bind(refund)
        .bind(key)
        .bind(amount.minor)
        .execute(&mut *tx)
        .await?;
    sql("UPDATE charges SET refunded = refunded + $2 WHERE key = $1")
        .bind(key)
        .bind(amount.minor)
        .execute(tx)
        .await?;
    Ok::<_, Error>(Answer::Done)
}
