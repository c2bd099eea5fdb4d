//! The payment of a checkout, one each.

use shopmesh_kit::money::Money;
use shopmesh_proto::payments::v1::{CapturePaymentRequest, SyncPaymentRequest, VoidPaymentRequest};
use tonic::Status;

use super::Peers;
use crate::{domain::payment::Authorization, translate};

impl Peers {
    /// Asks the provider to hold `amount`.
    pub async fn authorize(
        &self,
        checkout: &str,
        owner: &str,
        amount: Money,
        payment_token: String,
    ) -> Result<Authorization, Status> {
        let request = translate::peers::authorize(checkout, owner, amount, payment_token);
        let payment = self.payments.clone().authorize_payment(request).await?.into_inner();
        Ok(translate::peers::authorization(payment))
    }

    /// Asks what became of it.
    pub async fn sync_payment(&self, checkout: &str) -> Result<Authorization, Status> {
        let request = SyncPaymentRequest { checkout: checkout.to_owned() };
        let payment = self.payments.clone().sync_payment(request).await?.into_inner();
        Ok(translate::peers::authorization(payment))
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
