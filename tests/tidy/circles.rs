//! No circles between the files of a crate; the edge's are in `edge.rs`.

use super::{
    module_graph::{Modules, assert_no_circle},
    root, services,
};

const CRATES: &[&str] =
    &["proto", "proto/json", "proto/derive", "mesh", "mesh/net", "services/kit", "tools", "bench", ""];

/// Circles that are one thing in several files: a printer that goes down into messages and up again, a handle over two engines
/// that hand it back.
const ONE_THING: &[(&str, &str)] = &[("proto/json", "print"), ("services/kit", "db/")];

#[test]
fn files_name_each_other_in_one_direction() {
    let services = services().into_iter().map(|service| format!("services/{service}"));
    let mut read = 0;
    for folder in CRATES.iter().map(|folder| (*folder).to_owned()).chain(services) {
        let mut files = Modules::read(&root().join(&folder).join("src")).files();
        read += files.len();
        let is_one =
            |file: &str| ONE_THING.iter().any(|(at, start)| *at == folder && file.starts_with(start));
        files.retain(|file, _| !is_one(file));
        files.values_mut().for_each(|named| named.retain(|file| !is_one(file)));
        assert_no_circle(files);
    }
    assert!(read > 300, "the walk finds the files: {read}");
}
