//! A provider for trying things: what a token does is in its name. It remembers in a database of its own, which
//! survives our crashes as a real provider would.
//!
//! | token | authorize | lookup |
//! |---|---|---|
//! | `tok_approve` | approved | approved |
//! | `tok_decline` | declined, `card_declined` | declined |
//! | `tok_timeout_then_approve` | recorded, but the first answer never comes | approved |
//! | `tok_unknown` | no answer ever comes | pending a few times, then declined |

use std::path::Path;

use shopmesh_kit::{
    BoxFuture,
    db::{Db, Migrations, Row, Tx, sql},
    error::Result as DbResult,
    migrations,
    money::Money,
};

use super::{Answered, Handle, Provider, ProviderError};
use crate::domain::answer::{self, Answer, Authorization, Capture, Lookup, Void};

static MIGRATOR: Migrations =
    migrations!("migrations/sandbox": "0001_create_sandbox.sql", "0002_no_tokens.sql");

const APPROVE: &str = "tok_approve";
const DECLINE: &str = "tok_decline";
const TIMEOUT_THEN_APPROVE: &str = "tok_timeout_then_approve";
const UNKNOWN: &str = "tok_unknown";

const AUTHORIZED: &str = "authorised";
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

    /// Runs one step of the provider's books about what has this key.
    async fn step<D, T, F>(&self, key: &str, data: D, job: F) -> Result<Answer<T>, ProviderError>
    where
        D: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t D) -> BoxFuture<'t, DbResult<T>> + Send + Sync + 'static,
    {
        let outcome = self.db.write(data, job).await;
        let outcome = outcome.map_err(|error| ProviderError::Unreachable(error.to_string()))?;
        let id = key.rsplit('/').next().unwrap_or_default();
        Ok(Answer { reference: format!("sandbox_{id}"), outcome })
    }
}

impl Provider for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn knows_token(&self, token: &str) -> bool {
        [APPROVE, DECLINE, TIMEOUT_THEN_APPROVE, UNKNOWN].contains(&token)
    }

    fn authorize<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answered<'a, Authorization> {
        Box::pin(async move {
            if !self.knows_token(token) {
                let outcome = Authorization::Declined("unknown_token".to_owned());
                return Ok(Answer { reference: String::new(), outcome });
            }
            let charge = Charge { key: key.to_owned(), token: token.to_owned(), amount };
            let answer = self.step(key, charge, |tx, charge| Box::pin(hold(tx, charge))).await?;
            let (outcome, is_first) = answer.outcome;
            match token {
                UNKNOWN => std::future::pending().await,
                TIMEOUT_THEN_APPROVE if is_first => std::future::pending().await,
                _ => Ok(Answer { reference: answer.reference, outcome }),
            }
        })
    }

    fn lookup<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Lookup> {
        let asked = (charge.key.to_owned(), i64::from(self.unknown_lookups));
        Box::pin(self.step(charge.key, asked, |tx, (key, patience)| Box::pin(look_up(tx, key, *patience))))
    }

    fn capture<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Capture> {
        Box::pin(self.step(charge.key, charge.key.to_owned(), |tx, key| Box::pin(capture(tx, key))))
    }

    fn void<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Void> {
        Box::pin(self.step(charge.key, charge.key.to_owned(), |tx, key| Box::pin(void(tx, key))))
    }

    fn refund<'a>(
        &'a self,
        charge: Handle<'a>,
        refund: Handle<'a>,
        amount: Money,
    ) -> Answered<'a, answer::Refund> {
        let asked = (charge.key.to_owned(), refund.key.to_owned(), amount);
        let step = self.step(refund.key, asked, |tx, (key, refund, amount)| {
            Box::pin(give_back(tx, key, refund, *amount))
        });
        Box::pin(step)
    }
}

/// What was said of an authorization, by the state of its charge.
fn authorization(state: &str) -> Authorization {
    match state {
        AUTHORIZED | CAPTURED => Authorization::Held,
        PENDING => Authorization::Pending,
        VOIDED => Authorization::Declined("voided".to_owned()),
        _ => Authorization::Declined("card_declined".to_owned()),
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

/// The answer to an authorization, and whether the key is new.
async fn hold(tx: &mut Tx, charge: &Charge) -> DbResult<(Authorization, bool)> {
    let Charge { key, token, amount } = charge;
    let Some(known) = find(tx, key).await? else {
        let state = match token.as_str() {
            DECLINE => DECLINED,
            UNKNOWN => PENDING,
            _ => AUTHORIZED,
        };
        insert(tx, key, Some(*amount), state).await?;
        return Ok((authorization(state), true));
    };
    let state = known.text("state")?;
    let is_same = known.int("amount")? == amount.minor && known.text("currency")? == amount.currency.code();
    let is_same = is_same || state == VOIDED;
    let reused = || Authorization::Declined("key_reused".to_owned());
    Ok((if is_same { authorization(&state) } else { reused() }, false))
}

async fn look_up(tx: &mut Tx, key: &str, patience: i64) -> DbResult<Lookup> {
    let Some(known) = find(tx, key).await? else { return Ok(Lookup::Unheard) };
    let state = known.text("state")?;
    if state != PENDING {
        return Ok(Lookup::Found(authorization(&state)));
    }
    if known.int("lookups")? >= patience {
        set_state(tx, key, DECLINED).await?;
        return Ok(Lookup::Found(authorization(DECLINED)));
    }
    sql("UPDATE charges SET lookups = lookups + 1 WHERE key = $1").bind(key).execute(tx).await?;
    Ok(Lookup::Found(Authorization::Pending))
}

async fn capture(tx: &mut Tx, key: &str) -> DbResult<Capture> {
    let state = find(tx, key).await?.map(|known| known.text("state")).transpose()?;
    match state.as_deref() {
        Some(AUTHORIZED) => set_state(tx, key, CAPTURED).await?,
        Some(CAPTURED) => {}
        _ => return Ok(Capture::Declined("not_authorized".to_owned())),
    }
    Ok(Capture::Captured)
}

async fn void(tx: &mut Tx, key: &str) -> DbResult<Void> {
    match find(tx, key).await? {
        None => insert(tx, key, None, VOIDED).await?,
        Some(known) if known.text("state")? == CAPTURED => {
            return Ok(Void::Declined("already_captured".to_owned()));
        }
        Some(_) => set_state(tx, key, VOIDED).await?,
    }
    Ok(Void::Voided)
}

async fn give_back(tx: &mut Tx, key: &str, refund: &str, amount: Money) -> DbResult<answer::Refund> {
    let declined = |code: &str| Ok(answer::Refund::Declined(code.to_owned()));
    let seen = sql("SELECT amount FROM refunds WHERE key = $1").bind(refund).optional(&mut *tx).await?;
    match seen {
        Some(seen) if seen.int("amount")? == amount.minor => return Ok(answer::Refund::Refunded),
        Some(_) => return declined("key_reused"),
        None => {}
    }
    let Some(known) = find(tx, key).await? else { return declined("no_such_charge") };
    let left = known.int("amount")? - known.int("refunded")?;
    if known.text("state")? != CAPTURED || amount.minor > left {
        return declined("refund_exceeds_charge");
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
    Ok(answer::Refund::Refunded)
}
