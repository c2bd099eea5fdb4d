//! shopmesh-edge
