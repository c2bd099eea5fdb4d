//! One direction between the folders of the edge, and between its files.

use super::{
    module_graph::{Modules, assert_no_circle, grouped},
    root,
};

/// The folders of the edge, and what each may know of the others. `lib` knows all.
const FOLDERS: &[(&str, &[&str])] = &[
    ("bootstrap", &[]),
    ("http", &[]),
    ("clusters", &["bootstrap", "http"]),
    ("routing", &["clusters", "bootstrap", "http"]),
    ("filters", &["routing", "clusters", "bootstrap", "http"]),
    ("connection_manager", &["filters", "routing", "clusters", "bootstrap", "http"]),
    ("admin", &["connection_manager", "clusters", "bootstrap", "http"]),
    ("edge", &["admin", "connection_manager", "clusters", "bootstrap", "http"]),
];

fn modules() -> Modules {
    Modules::read(&root().join("edge/src"))
}

/// The first part of a file's path, without `.rs`.
fn top(file: &str) -> String {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// The folder that a file is in.
fn folder(file: &str) -> String {
    file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

#[test]
fn folders_of_the_edge_know_what_they_may() {
    let folders = grouped(&modules().files(), top);
    assert!(folders.len() > FOLDERS.len(), "the walk finds the folders: {folders:?}");
    for (here, named) in folders.iter().filter(|(here, _)| *here != "lib") {
        let row = FOLDERS.iter().find(|(folder, _)| folder == here);
        let (_, known) = row.unwrap_or_else(|| panic!("{here}: say in FOLDERS what it may know"));
        for other in named {
            assert!(known.contains(&other.as_str()), "`{here}` knows nothing of `{other}`");
        }
    }
}

#[test]
fn files_of_the_edge_name_each_other_in_one_direction() {
    let files = modules().files();
    assert!(files.values().map(|named| named.len()).sum::<usize>() > 200, "the walk finds paths");
    assert_no_circle(grouped(&files, folder));
    assert_no_circle(files);
}

#[test]
fn filters_know_no_other_filter() {
    for (here, named) in grouped(&modules().files(), folder) {
        let Some(filter) = here.strip_prefix("filters/") else { continue };
        let others = named.iter().filter_map(|other| other.strip_prefix("filters"));
        let strangers: Vec<_> = others.filter(|other| *other != "/api").collect();
        assert!(strangers.is_empty(), "{filter} knows nothing of {strangers:?}");
    }
}
