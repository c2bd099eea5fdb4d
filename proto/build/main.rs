//! Compiles the contracts: descriptors, Rust types, validators, the list of services. Needs no protoc.
//!
//! The build fails for an RPC without a policy, for a request field without a bound and for a service without a port, so that
//! none can be forgotten: see `policy.rs`, `rules.rs` and `services.rs`.

// A build script talks to cargo by standard output and the environment.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

mod debug;
mod names;
mod normalizers;
mod policy;
#[path = "../src/ports.rs"]
mod ports;
// One reading of `buf.validate`, for the validators here and for what is derived at run time.
#[path = "../src/validate/rules.rs"]
mod rules;
mod services;
#[path = "../src/validate/text_kind.rs"]
mod text_kind;
mod validators;

use std::{env, error::Error, fs, path::PathBuf};

use prost_reflect::DescriptorPool;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=shopmesh");
    println!("cargo:rerun-if-changed=third_party");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=src/ports.rs");
    println!("cargo:rerun-if-changed=src/validate/rules.rs");
    println!("cargo:rerun-if-changed=src/validate/text_kind.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut compiler = protox::Compiler::new([".", "third_party"])?;
    compiler.include_imports(true).include_source_info(true);
    for file in proto_files("shopmesh")? {
        compiler.open_file(file)?;
    }
    compiler.open_file("third_party/google/rpc/error_details.proto")?;
    // Bytes, not `FileDescriptorSet`: decoding into prost types drops custom options.
    let descriptors = compiler.encode_file_descriptor_set();
    let pool = DescriptorPool::decode(descriptors.as_slice())?;
    fs::write(out.join("descriptors.binpb"), &descriptors)?;

    let mut problems = Vec::new();
    let services = services::read(&pool, &mut problems);
    policy::check(&pool, &services, &mut problems);
    let validators = validators::generate(&pool, &mut problems);
    if !problems.is_empty() {
        return Err(format!("the contracts are not complete:\n  {}", problems.join("\n  ")).into());
    }
    fs::write(out.join("validators.rs"), validators)?;
    fs::write(out.join("services.rs"), services::generate(&services))?;

    let mut config = tonic_prost_build::Config::new();
    config.bytes(["."]).include_file("contracts.rs").enable_type_names();
    config.type_name_domain(["."], "type.googleapis.com");
    config.extern_path(".google.api", "::shopmesh_json::google::api");
    config.extern_path(".google.rpc", "::shopmesh_json::google::rpc");
    config.skip_debug(debug::masked_messages(&pool));
    fs::write(out.join("debug.rs"), debug::generate(&pool))?;
    tonic_prost_build::configure()
        .codec_path("crate::codec::ContractCodec")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

/// Every contract below `root`, in a stable order.
fn proto_files(root: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
