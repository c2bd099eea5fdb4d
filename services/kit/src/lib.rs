//! shopmesh-kit
