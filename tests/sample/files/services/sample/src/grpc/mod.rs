//! What can be asked, one file an RPC.

mod get_sample;
mod import_sample;

use shopmesh_kit::rpcs;
use shopmesh_proto::sample::v1::{
    sample_import_service_server::{SampleImportService, SampleImportServiceServer},
    sample_service_server::{SampleService, SampleServiceServer},
    *,
};

use crate::app::App;

rpcs! {
    App;
    SampleService in SampleServiceServer {
        get_sample(GetSampleRequest) -> Sample = get_sample::answer,
    }
    SampleImportService in SampleImportServiceServer {
        import_sample(ImportSampleRequest) -> Sample = import_sample::answer,
    }
}
