//! GetJwks: the public keys of access tokens.

use shopmesh_proto::google::api::HttpBody;
use tonic::Response;

use crate::app::App;

/// RFC 7517, 8.5.1.
pub const MEDIA_TYPE: &str = "application/jwk-set+json";

/// Answers the key set as JSON.
pub fn get_jwks(app: &App) -> Response<HttpBody> {
    Response::new(HttpBody {
        content_type: MEDIA_TYPE.to_owned(),
        data: app.keys.jwks(),
        extensions: Vec::new(),
    })
}
