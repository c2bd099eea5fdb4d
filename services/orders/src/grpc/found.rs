//! What does not exist looks to a stranger like what is not theirs (AIP-211).

use shopmesh_kit::error::{ErrorKind, Result};
use shopmesh_mesh::server::{Call, Resource};
use tonic::Status;

/// The resource, or NOT_FOUND for callers who may see every one of its kind and PERMISSION_DENIED for others.
pub fn found<T>(call: &Call, looked_up: Result<T>) -> std::result::Result<T, Status> {
    if let Err(error) = &looked_up
        && error.kind() == ErrorKind::NotFound
    {
        call.authorize(&Resource::default())?;
    }
    Ok(looked_up?)
}
