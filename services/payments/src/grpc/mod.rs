//! The RPCs of this service, delegated to from the generated traits.

mod create_refund;
mod flow;
mod ledger;
mod payments;
mod translate;

use crate::App;
use shopmesh_proto::payments::v1::{
    AuthorizePaymentRequest, CapturePaymentRequest, CreateRefundRequest, GetPaymentRequest,
    ListLedgerTransactionsRequest, ListLedgerTransactionsResponse, ListPaymentsRequest, ListPaymentsResponse,
    ListRefundsRequest, ListRefundsResponse, Payment, Refund, SyncPaymentRequest, TrialBalanceRequest,
    TrialBalanceResponse, VoidPaymentRequest,
    ledger_service_server::{LedgerService, LedgerServiceServer},
    payment_flow_service_server::{PaymentFlowService, PaymentFlowServiceServer},
    payment_service_server::{PaymentService, PaymentServiceServer},
};
use tonic::{Request, Response, Status, service::Routes};

/// Serves the three services of the contract.
#[derive(Clone)]
struct Rpcs(App);

/// The routes of the three services.
pub fn routes(app: App) -> Routes {
    let rpcs = Rpcs(app);
    Routes::new(PaymentServiceServer::new(rpcs.clone()))
        .add_service(PaymentFlowServiceServer::new(rpcs.clone()))
        .add_service(LedgerServiceServer::new(rpcs))
}

#[tonic::async_trait]
impl PaymentService for Rpcs {
    async fn get_payment(&self, request: Request<GetPaymentRequest>) -> Result<Response<Payment>, Status> {
        payments::get(&self.0, request).await
    }

    async fn list_payments(
        &self,
        request: Request<ListPaymentsRequest>,
    ) -> Result<Response<ListPaymentsResponse>, Status> {
        payments::list(&self.0, request).await
    }

    async fn create_refund(&self, request: Request<CreateRefundRequest>) -> Result<Response<Refund>, Status> {
        create_refund::create_refund(&self.0, request).await
    }

    async fn list_refunds(
        &self,
        request: Request<ListRefundsRequest>,
    ) -> Result<Response<ListRefundsResponse>, Status> {
        payments::list_refunds(&self.0, request).await
    }
}

#[tonic::async_trait]
impl PaymentFlowService for Rpcs {
    async fn authorize_payment(
        &self,
        request: Request<AuthorizePaymentRequest>,
    ) -> Result<Response<Payment>, Status> {
        flow::authorize(&self.0, request).await
    }

    async fn capture_payment(
        &self,
        request: Request<CapturePaymentRequest>,
    ) -> Result<Response<Payment>, Status> {
        flow::capture(&self.0, request).await
    }

    async fn void_payment(&self, request: Request<VoidPaymentRequest>) -> Result<Response<Payment>, Status> {
        flow::void(&self.0, request).await
    }

    async fn sync_payment(&self, request: Request<SyncPaymentRequest>) -> Result<Response<Payment>, Status> {
        flow::sync(&self.0, request).await
    }
}

#[tonic::async_trait]
impl LedgerService for Rpcs {
    async fn trial_balance(
        &self,
        _: Request<TrialBalanceRequest>,
    ) -> Result<Response<TrialBalanceResponse>, Status> {
        ledger::trial_balance(&self.0).await
    }

    async fn list_ledger_transactions(
        &self,
        request: Request<ListLedgerTransactionsRequest>,
    ) -> Result<Response<ListLedgerTransactionsResponse>, Status> {
        ledger::list(&self.0, request).await
    }
}
