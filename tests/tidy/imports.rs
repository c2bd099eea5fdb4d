//! One order of imports: the standard library, then other crates, then this one, with a blank line between them.

use std::{fs, path::Path};

use super::{root, rust_files};

/// Names that imports begin with which are this crate's own: its modules that the file declares are too.
const OWN: &[&str] = &["crate", "super", "self"];

/// An import of a file: its first and last line, counted from 0, how far it is indented, and its group.
struct Import {
    first: usize,
    last: usize,
    indent: usize,
    group: usize,
}

fn imports(text: &str) -> Vec<Import> {
    let lines: Vec<&str> = text.lines().collect();
    let declared: Vec<&str> = lines.iter().filter_map(|line| declared(line)).collect();
    let mut imports = Vec::new();
    for (first, line) in lines.iter().enumerate() {
        let Some(path) = line.trim_start().strip_prefix("use ") else { continue };
        let name = path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let group = match name {
            "std" | "core" | "alloc" => 0,
            _ if OWN.contains(&name) || declared.contains(&name) => 2,
            _ => 1,
        };
        let length = lines[first..].iter().position(|line| line.trim_end().ends_with(';')).unwrap_or(0);
        let indent = line.len() - line.trim_start().len();
        imports.push(Import { first, last: first + length, indent, group });
    }
    imports
}

/// The module that a line declares.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").or_else(|| line.strip_prefix("pub(crate) ")).unwrap_or(line);
    line.strip_prefix("mod ")?.split([';', ' ']).next()
}

fn check(file: &Path, text: &str) {
    for pair in imports(text).windows(2) {
        let [before, after] = pair else { continue };
        let is_sound = match after.first - before.last {
            1 => after.group == before.group,
            2 => after.group > before.group || after.indent != before.indent,
            _ => true,
        };
        let (line, rule) = (after.first + 1, "std, then other crates, then this one, a blank line between");
        assert!(is_sound, "{}:{line}: {rule}", file.display());
    }
}

#[test]
fn imports_have_one_order() {
    let mut checked = 0;
    for folder in ["src", "proto", "mesh", "edge", "services", "tests", "tools", "bench"] {
        for file in rust_files(&root().join(folder)) {
            check(&file, &fs::read_to_string(&file).unwrap());
            checked += 1;
        }
    }
    assert!(checked > 100);
}

#[test]
#[should_panic(expected = "x.rs:2")]
fn a_mixed_block_is_found() {
    check(Path::new("x.rs"), "use crate::a;\nuse std::b;\n");
}
