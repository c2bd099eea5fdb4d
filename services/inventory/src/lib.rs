//! shopmesh-inventory
