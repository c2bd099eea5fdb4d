//! The generated services, by delegation only.

mod authorize_payment;
mod capture_payment;
mod create_refund;
mod list_ledger_transactions;
mod payments;
mod sync_payment;
mod translate;
mod trial_balance;
mod void_payment;

use shopmesh_proto::payments::v1::{
    ledger_service_server::{LedgerService, LedgerServiceServer},
    payment_flow_service_server::{PaymentFlowService, PaymentFlowServiceServer},
    payment_service_server::{PaymentService, PaymentServiceServer},
    *,
};
use tonic::{Request, Response, Status, async_trait, service::Routes};

use crate::app::App;

/// The routes of the three services.
pub fn routes(app: &App) -> Routes {
    Routes::new(PaymentServiceServer::new(app.clone()))
        .add_service(PaymentFlowServiceServer::new(app.clone()))
        .add_service(LedgerServiceServer::new(app.clone()))
}

/// Rows on a page when the caller asks for none in particular.
const DEFAULT_PAGE: usize = 50;
/// Most rows on a page.
const LARGEST_PAGE: usize = 1000;

type Reply<T> = Result<Response<T>, Status>;

#[async_trait]
impl PaymentService for App {
    async fn get_payment(&self, request: Request<GetPaymentRequest>) -> Reply<Payment> {
        Ok(Response::new(payments::get(self, request).await?))
    }

    async fn list_payments(&self, request: Request<ListPaymentsRequest>) -> Reply<ListPaymentsResponse> {
        Ok(Response::new(payments::list(self, request).await?))
    }

    async fn create_refund(&self, request: Request<CreateRefundRequest>) -> Reply<Refund> {
        Ok(Response::new(create_refund::answer(self, request).await?))
    }

    async fn list_refunds(&self, request: Request<ListRefundsRequest>) -> Reply<ListRefundsResponse> {
        Ok(Response::new(payments::list_refunds(self, request).await?))
    }
}

#[async_trait]
impl PaymentFlowService for App {
    async fn authorize_payment(&self, request: Request<AuthorizePaymentRequest>) -> Reply<Payment> {
        Ok(Response::new(authorize_payment::answer(self, request).await?))
    }

    async fn capture_payment(&self, request: Request<CapturePaymentRequest>) -> Reply<Payment> {
        Ok(Response::new(capture_payment::answer(self, request).await?))
    }

    async fn void_payment(&self, request: Request<VoidPaymentRequest>) -> Reply<Payment> {
        Ok(Response::new(void_payment::answer(self, request).await?))
    }

    async fn sync_payment(&self, request: Request<SyncPaymentRequest>) -> Reply<Payment> {
        Ok(Response::new(sync_payment::answer(self, request).await?))
    }
}

#[async_trait]
impl LedgerService for App {
    async fn trial_balance(&self, _: Request<TrialBalanceRequest>) -> Reply<TrialBalanceResponse> {
        Ok(Response::new(trial_balance::answer(self).await?))
    }

    async fn list_ledger_transactions(
        &self,
        request: Request<ListLedgerTransactionsRequest>,
    ) -> Reply<ListLedgerTransactionsResponse> {
        Ok(Response::new(list_ledger_transactions::answer(self, request).await?))
    }
}
