//! shopmesh-catalog
