//! ImportSample.

use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::sample::v1 as pb;

use crate::{app::App, translate, usecases::import_sample};

/// The swatch as it is now.
pub async fn answer(app: &App, _: &Call, request: pb::ImportSampleRequest) -> Result<pb::Sample> {
    let given = request.sample.ok_or_else(|| Error::invalid("sample", "is missing"))?;
    let sample = translate::rpc::sample_from(given.clone())?;
    app.db.write(sample, |tx, sample| Box::pin(import_sample::import(tx, sample))).await?;
    Ok(given)
}
