//! shopmesh-notifications
