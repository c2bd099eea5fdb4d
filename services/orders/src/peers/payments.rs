//! The payment of a checkout, one each.

use shopmesh_kit::money::Money;
use shopmesh_proto::payments::v1::{
    AuthorizePaymentRequest, CapturePaymentRequest, SyncPaymentRequest, VoidPaymentRequest,
};
use tonic::Status;

use super::Peers;
use crate::grpc::translate;

/// What the provider says about money that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorisation {
    /// It is held, as `payments/...`.
    Authorised(String),
    /// Nobody knows yet.
    Unknown,
    /// It is not held and will not be; a code such as `card_declined`.
    Failed(String),
}

impl Peers {
    /// Asks the provider to hold `amount`.
    pub async fn authorise(
        &self,
        checkout: &str,
        owner: &str,
        amount: Money,
        payment_token: String,
    ) -> Result<Authorisation, Status> {
        let request = AuthorizePaymentRequest {
            checkout: checkout.to_owned(),
            owner: owner.to_owned(),
            amount: Some(amount.to_proto()),
            payment_token,
        };
        let payment = self.payments.clone().authorize_payment(request).await?.into_inner();
        Ok(translate::authorisation(payment))
    }

    /// Asks what became of it.
    pub async fn sync_payment(&self, checkout: &str) -> Result<Authorisation, Status> {
        let request = SyncPaymentRequest { checkout: checkout.to_owned() };
        let payment = self.payments.clone().sync_payment(request).await?.into_inner();
        Ok(translate::authorisation(payment))
    }

    /// Lets it go, whatever became of it.
    pub async fn void_payment(&self, checkout: &str) -> Result<(), Status> {
        let request = VoidPaymentRequest { checkout: checkout.to_owned() };
        self.payments.clone().void_payment(request).await.map(drop)
    }

    /// Takes it.
    pub async fn capture(&self, checkout: &str) -> Result<(), Status> {
        let request = CapturePaymentRequest { checkout: checkout.to_owned() };
        self.payments.clone().capture_payment(request).await.map(drop)
    }
}
