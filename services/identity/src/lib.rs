//! shopmesh-identity
