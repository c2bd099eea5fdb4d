//! shopmesh-platform
