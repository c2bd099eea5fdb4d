//! Compiles Google's own messages that an HTTP border needs: what errors carry (`google.rpc`), `google.api.http` and
//! `google.api.HttpBody`. Needs no protoc.

// A build script talks to cargo by standard output and the environment.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::{env, error::Error, fs, path::PathBuf};

const FOLDER: &str = "../third_party";

/// The types of `google.protobuf` are here as they may stand in an `Any`, such as a detail of an error.
const FILES: [&str; 10] = [
    "google/api/annotations.proto",
    "google/api/httpbody.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/rpc/code.proto",
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={FOLDER}/google");
    println!("cargo:rerun-if-changed=build.rs");
    let mut compiler = protox::Compiler::new([FOLDER])?;
    compiler.include_imports(true).open_files(FILES)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("google.binpb"), compiler.encode_file_descriptor_set())?;

    let mut config = prost_build::Config::new();
    config.bytes(["."]).include_file("google.rs").enable_type_names();
    config.type_name_domain(["."], "type.googleapis.com");
    config.compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
