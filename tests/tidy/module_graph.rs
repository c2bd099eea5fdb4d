//! Which file of a crate names which, read from `crate::`, `super::` and `self::` paths. Tests are left out, `pub use` leads to the file that
//! defines the name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::rust_files;

/// Segments of a path.
type Segments = Vec<String>;

/// Who names whom.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

struct Module {
    /// Below `src/`.
    file: String,
    /// What it brings into scope: path and name, and whether others see it here.
    uses: Vec<(Segments, String, bool)>,
    /// Paths beside those.
    paths: Vec<Segments>,
}

pub struct Modules(BTreeMap<Segments, Module>);

impl Modules {
    /// Reads the files of a crate from disk.
    pub fn read(src: &Path) -> Self {
        let files = rust_files(src).into_iter().map(|path| {
            let name = path.strip_prefix(src).unwrap().to_str().unwrap().replace('\\', "/");
            (name, fs::read_to_string(path).unwrap())
        });
        Self::new(files)
    }

    /// Files by name below `src/`.
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let is_test = |name: &str| name.split('/').any(|part| matches!(part, "tests" | "tests.rs"));
        let files = files.into_iter().filter(|(name, _)| !is_test(name));
        Self(files.map(|(name, text)| (module_of(&name), Module::new(name, &text))).collect())
    }

    /// File to files.
    pub fn files(&self) -> Graph {
        let named = |here: &Segments, module: &Module| {
            let uses = module.uses.iter().filter(|(.., is_public)| !is_public).map(|(path, ..)| path);
            let files =
                uses.chain(&module.paths).filter_map(|path| self.defines(&self.absolute(here, path)?));
            files.filter(|file| *file != module.file).map(str::to_owned).collect()
        };
        self.0.iter().map(|(here, module)| (module.file.clone(), named(here, module))).collect()
    }

    /// `path` from the crate's root, if it leads into the crate.
    fn absolute(&self, here: &[String], path: &[String]) -> Option<Segments> {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let child = || [here, &path[..1]].concat();
        match path[0].as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([here, &path[1..]].concat()),
            "super" => Some([&here[..here.len().checked_sub(ups)?], &path[ups..]].concat()),
            _ => self.0.contains_key(&child()).then(|| [here, path].concat()),
        }
    }

    /// The file that defines what stands at `path`.
    fn defines(&self, path: &[String]) -> Option<&str> {
        let depth = (0..=path.len()).rev().find(|depth| self.0.contains_key(&path[..*depth]))?;
        let (here, rest) = path.split_at(depth);
        let module = &self.0[here];
        let shown = rest.first().and_then(|item| module.uses.iter().find(|(_, name, _)| name == item));
        let onward = shown.and_then(|(used, ..)| self.absolute(here, used)).filter(|onward| onward != path);
        match onward {
            Some(onward) => self.defines(&onward),
            None => Some(&module.file),
        }
    }
}

impl Module {
    fn new(file: String, text: &str) -> Self {
        let code = code(text.split("#[cfg(test)]\nmod ").next().unwrap_or_default());
        let (mut uses, mut rest) = (Vec::new(), String::new());
        for statement in code.split_inclusive(';') {
            let start = statement.find("use ").filter(|at| is_use(&statement[..*at]));
            rest.push_str(&statement[..start.unwrap_or(statement.len())]);
            let Some(start) = start else { continue };
            let is_public = statement[..start].trim_end().ends_with([')', 'b']);
            let tree = statement[start + "use ".len()..].trim_end_matches(';');
            uses.extend(expand(tree).into_iter().map(|(path, name)| (path, name, is_public)));
        }
        Self { file, uses, paths: paths(&rest) }
    }
}

/// `a/b/mod.rs` and `a/b.rs` are `a::b`.
fn module_of(file: &str) -> Segments {
    let mut parts: Segments = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

/// Text without comments and without what is in quotation marks.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join("\n").replace("\\\"", "");
    text.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// Whether a `use` may follow: what stands before it on its line is nothing, or its visibility.
fn is_use(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    line.is_empty() || line == "pub" || (line.starts_with("pub(") && line.ends_with(')'))
}

/// The paths of a `use` tree, and the names that they have here.
fn expand(tree: &str) -> Vec<(Segments, String)> {
    let mut all = Vec::new();
    for item in items(tree) {
        if let Some((prefix, rest)) = item.split_once('{') {
            let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
            let nested =
                items(inner).into_iter().flat_map(|item| expand(&format!("{}{item}", prefix.trim())));
            all.extend(nested);
            continue;
        }
        let (path, alias) = item.split_once(" as ").map_or((item.as_str(), None), |(p, a)| (p, Some(a)));
        let mut path: Segments = path.split("::").map(|part| part.trim().to_owned()).collect();
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = alias.map_or_else(|| path[path.len() - 1].clone(), |alias| alias.trim().to_owned());
        all.push((path, name));
    }
    all
}

/// What stands between the outer commas of a list.
fn items(list: &str) -> Vec<String> {
    let (mut items, mut depth) = (vec![String::new()], 0);
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match c {
            ',' if depth == 0 => items.push(String::new()),
            _ => items.last_mut().unwrap().push(c),
        }
    }
    items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

/// All `a::b` of a code.
fn paths(code: &str) -> Vec<Segments> {
    let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let paths = words.map(|word| word.split("::").filter(|part| !part.is_empty() && !part.contains(':')));
    paths.map(|parts| parts.map(str::to_owned).collect::<Segments>()).filter(|path| path.len() > 1).collect()
}

/// The graph of what `group` makes of its nodes.
pub fn grouped(graph: &Graph, group: impl Fn(&str) -> String) -> Graph {
    let mut groups = Graph::new();
    for (from, named) in graph {
        let from = group(from);
        let others = named.iter().map(|to| group(to)).filter(|to| *to != from);
        let others: BTreeSet<_> = others.collect();
        groups.entry(from).or_default().extend(others);
    }
    groups
}

/// Fails if there is a way from a node back to itself, and says which.
pub fn assert_no_circle(mut graph: Graph) {
    // What names nobody is on no circle; neither, then, is who named only such.
    loop {
        let leaves: BTreeSet<_> =
            graph.iter().filter(|(_, named)| named.is_empty()).map(|(name, _)| name.clone()).collect();
        if leaves.is_empty() {
            break;
        }
        graph.retain(|name, _| !leaves.contains(name));
        graph.values_mut().for_each(|named| named.retain(|name| !leaves.contains(name)));
    }
    assert!(graph.is_empty(), "these lead back to themselves: {graph:#?}");
}

fn graph_of(files: &[(&str, &str)]) -> Graph {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Modules::new(files).files()
}

#[test]
fn paths_lead_to_the_file_that_defines_a_name() {
    let graph = graph_of(&[
        ("lib.rs", "mod a;\nmod b;\npub use a::{Seen, deep::Deep};"),
        ("a/mod.rs", "pub mod deep;\npub use deep::{self as below, Deep};\npub struct Seen;"),
        ("a/deep.rs", "pub struct Deep; // crate::b::X\n#[cfg(test)]\nmod tests { use crate::b; }"),
        (
            "b.rs",
            "use crate::{\n    a::{Deep, below::{self, X}},\n};\nfn f() { super::a::Seen; \"crate::c::X\" }",
        ),
        ("c.rs", "pub(crate) use crate::a::Seen;\nfn f() { std::mem::take(x) }"),
        ("tests.rs", "use crate::a;"),
    ]);
    let named = |file: &str| graph[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(named("b.rs"), ["a/deep.rs", "a/mod.rs"]);
    assert!(["a/mod.rs", "a/deep.rs", "c.rs"].iter().all(|file| named(file).is_empty()), "{graph:?}");
}

#[test]
fn circles_are_found() {
    let graph = graph_of(&[
        ("a.rs", "use crate::b::X;"),
        ("b.rs", "use super::c::Y;"),
        ("c.rs", "fn f() { crate::a::Z::new() }"),
        ("d.rs", "use crate::a;"),
    ]);
    assert!(std::panic::catch_unwind(|| assert_no_circle(graph)).is_err());
    assert_no_circle(graph_of(&[("a.rs", "use crate::b::X;"), ("b.rs", ""), ("c.rs", "use crate::{a, b};")]));
}
