//! shopmesh-payments
