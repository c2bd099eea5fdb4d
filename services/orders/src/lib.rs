//! shopmesh-orders
