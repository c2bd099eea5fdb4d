//! A household's account: one address and password each, opened once, signed in as often as need be.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use hyper::Method;
use serde_json::{Value, json};

use super::{
    edge::{Answer, Call, Edge, Refusal},
    entry::Entry,
    journal::Journal,
};

const PASSWORD: &str = "a year of groceries";
/// Access tokens live five minutes; this long before their end the next one is fetched.
const MARGIN: Duration = Duration::from_secs(60);

/// A signed-in household.
#[derive(Debug)]
pub struct Household {
    id: i64,
    access_token: String,
    refresh_token: String,
    renew: Instant,
}

impl Household {
    /// Signs in, after signing up when the journal does not know the account. Signing up answers the same when it is
    /// there already, so that it may be repeated.
    ///
    /// # Errors
    /// Those of [`Edge::ask`], and when the address belongs to somebody else.
    pub async fn enter(edge: &mut Edge, journal: &Journal, id: i64, known: bool) -> anyhow::Result<Self> {
        if !known {
            journal.write(&Entry::SignUp { household: id })?;
            let wish =
                json!({"email": email(id), "password": PASSWORD, "displayName": format!("Household {id}")});
            let answer = post(edge, "/v1/users:signUp", &wish).await?;
            done(answer).with_context(|| format!("the shop opens no account for {}", email(id)))?;
        }
        let (household, user) = Self::sign_in(edge, id).await?;
        journal.write(&Entry::SignedIn { household: id, user })?;
        Ok(household)
    }

    async fn sign_in(edge: &mut Edge, id: i64) -> anyhow::Result<(Self, String)> {
        let credentials = json!({"email": email(id), "password": PASSWORD});
        let tokens = done(post(edge, "/v1/sessions", &credentials).await?)
            .with_context(|| format!("{} cannot sign in: is the account somebody else's?", email(id)))?;
        let user = tokens["user"].as_str().context("no user in the tokens")?.to_owned();
        Ok((Self::with(id, &tokens)?, user))
    }

    fn with(id: i64, tokens: &Value) -> anyhow::Result<Self> {
        let text = |field: &str| tokens[field].as_str().map(str::to_owned).context("no tokens in the answer");
        let seconds = tokens["expiresIn"].as_str().and_then(|time| time.strip_suffix('s')?.parse().ok());
        let lifetime = Duration::from_secs(seconds.context("no lifetime of the tokens")?);
        Ok(Self {
            id,
            access_token: text("accessToken")?,
            refresh_token: text("refreshToken")?,
            renew: Instant::now() + lifetime.saturating_sub(MARGIN),
        })
    }

    /// Asks for something in the household's name, with a token that is good.
    ///
    /// # Errors
    /// Those of [`Edge::ask`].
    pub async fn ask(
        &mut self,
        edge: &mut Edge,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Result<Value, Refusal>> {
        if Instant::now() >= self.renew {
            self.renew(edge).await?;
        }
        for _ in 0..2 {
            let token = Some(self.access_token.as_str());
            match edge.ask(&Call { method: method.clone(), path, token, body }).await? {
                Answer::Done(value) => return Ok(Ok(value)),
                Answer::Refused(refusal) => return Ok(Err(refusal)),
                Answer::NotSignedIn(_) => *self = Self::sign_in(edge, self.id).await?.0,
            }
        }
        bail!("the shop does not take the token it has just given to {}", email(self.id))
    }

    /// Trades the refresh token for new ones. It is good for one use: when its answer was lost, the session is over, and
    /// the household signs in again.
    async fn renew(&mut self, edge: &mut Edge) -> anyhow::Result<()> {
        let spent = json!({"refreshToken": self.refresh_token});
        *self = match post(edge, "/v1/sessions:refresh", &spent).await? {
            Answer::Done(tokens) => Self::with(self.id, &tokens)?,
            Answer::Refused(_) | Answer::NotSignedIn(_) => Self::sign_in(edge, self.id).await?.0,
        };
        Ok(())
    }
}

async fn post(edge: &mut Edge, path: &str, body: &Value) -> anyhow::Result<Answer> {
    edge.ask(&Call { method: Method::POST, path, token: None, body }).await
}

/// What was asked for, or why not.
fn done(answer: Answer) -> anyhow::Result<Value> {
    match answer {
        Answer::Done(value) => Ok(value),
        Answer::Refused(refusal) => bail!("{refusal}"),
        Answer::NotSignedIn(problem) => bail!("{problem}"),
    }
}

fn email(household: i64) -> String {
    format!("household-{household}@complete-journey.example")
}
