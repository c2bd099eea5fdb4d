//! shopmesh-mesh
