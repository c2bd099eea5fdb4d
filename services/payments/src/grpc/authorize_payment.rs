//! AuthorizePayment: asks the provider to hold an amount.

use shopmesh_kit::{
    error::{Error, Result},
    events::Cause,
    money::Money,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{
    app::App,
    workflows::authorize::{self, Wish},
};

/// AUTHORISED, FAILED, or UNKNOWN when the provider did not answer.
pub async fn answer(app: &App, request: Request<pb::AuthorizePaymentRequest>) -> Result<pb::Payment> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let given = request.into_inner();
    let amount = given.amount.ok_or_else(|| Error::invalid("amount", "is missing"))?;
    let wish = Wish {
        checkout: given.checkout,
        owner: given.owner,
        amount: Money::from_proto("amount", &amount)?,
        token: given.payment_token,
    };
    Ok(translate::payment(&authorize::run(app, wish, cause).await?))
}
