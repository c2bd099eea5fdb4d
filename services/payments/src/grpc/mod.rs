//! What can be asked, one file an RPC.

mod authorize_payment;
mod capture_payment;
mod create_refund;
mod list_ledger_transactions;
mod payments;
mod sync_payment;
mod trial_balance;
mod void_payment;

use shopmesh_kit::rpcs;
use shopmesh_proto::payments::v1::{
    ledger_service_server::{LedgerService, LedgerServiceServer},
    payment_flow_service_server::{PaymentFlowService, PaymentFlowServiceServer},
    payment_service_server::{PaymentService, PaymentServiceServer},
    *,
};

use crate::app::App;

rpcs! {
    App;
    PaymentService in PaymentServiceServer {
        get_payment(GetPaymentRequest) -> Payment = payments::get,
        list_payments(ListPaymentsRequest) -> ListPaymentsResponse = payments::list,
        create_refund(CreateRefundRequest) -> Refund = create_refund::answer,
        list_refunds(ListRefundsRequest) -> ListRefundsResponse = payments::list_refunds,
    }
    PaymentFlowService in PaymentFlowServiceServer {
        authorize_payment(AuthorizePaymentRequest) -> Payment = authorize_payment::answer,
        capture_payment(CapturePaymentRequest) -> Payment = capture_payment::answer,
        void_payment(VoidPaymentRequest) -> Payment = void_payment::answer,
        sync_payment(SyncPaymentRequest) -> Payment = sync_payment::answer,
    }
    LedgerService in LedgerServiceServer {
        trial_balance(TrialBalanceRequest) -> TrialBalanceResponse = trial_balance::answer,
        list_ledger_transactions(ListLedgerTransactionsRequest) -> ListLedgerTransactionsResponse = list_ledger_transactions::answer,
    }
}
