//! AuthorizePayment, CapturePayment, VoidPayment, SyncPayment: what orders asks for.

use super::translate;
use crate::{
    App,
    workflows::{authorize, capture, sync, void},
};
use shopmesh_kit::{events::Cause, money::Money};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;
use tonic::{Request, Response, Status};

fn cause<T>(app: &App, request: &Request<T>) -> Result<Cause, Status> {
    Ok(Cause::of(Call::of(request)?, app.clock.as_ref()))
}

pub async fn authorize(
    app: &App,
    request: Request<pb::AuthorizePaymentRequest>,
) -> Result<Response<pb::Payment>, Status> {
    let cause = cause(app, &request)?;
    let request = request.into_inner();
    let wish = authorize::Wish {
        amount: Money::from_proto("amount", &request.amount.unwrap_or_default())?,
        checkout: request.checkout,
        owner: request.owner,
        token: request.payment_token,
    };
    Ok(Response::new(translate::payment(authorize::run(app, wish, cause).await?)))
}

pub async fn capture(
    app: &App,
    request: Request<pb::CapturePaymentRequest>,
) -> Result<Response<pb::Payment>, Status> {
    let cause = cause(app, &request)?;
    Ok(Response::new(translate::payment(capture::run(app, &request.get_ref().checkout, cause).await?)))
}

pub async fn void(
    app: &App,
    request: Request<pb::VoidPaymentRequest>,
) -> Result<Response<pb::Payment>, Status> {
    let cause = cause(app, &request)?;
    Ok(Response::new(translate::payment(void::run(app, &request.get_ref().checkout, cause).await?)))
}

pub async fn sync(
    app: &App,
    request: Request<pb::SyncPaymentRequest>,
) -> Result<Response<pb::Payment>, Status> {
    let cause = cause(app, &request)?;
    Ok(Response::new(translate::payment(sync::run(app, &request.get_ref().checkout, cause).await?)))
}
