//! Requests and replies.

use shopmesh_kit::error::{Error, Result};
use shopmesh_proto::sample::v1 as pb;

use crate::domain::sample::{Color, Sample};

pub fn sample(sample: &Sample) -> pb::Sample {
    pb::Sample { name: sample.name.clone(), color: format!("{:06x}", sample.color.0) }
}

pub fn sample_from(given: pb::Sample) -> Result<Sample> {
    let color = i64::from_str_radix(&given.color, 16).map_err(Error::internal)?;
    Ok(Sample { name: given.name, color: Color(color) })
}
