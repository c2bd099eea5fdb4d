//! Lists the files of the web applications, so that one needs nothing but its files to be served.

// A build script talks to cargo by standard output and the environment.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::{env, error::Error, fmt::Write, fs, path::Path};

/// The folders below `assets/`, and what `GetAppRequest.app` can be.
const APPS: [&str; 3] = ["admin", "seller", "shop"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=assets");
    let assets = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("assets");
    let mut list = String::from("&[\n");
    for app in APPS {
        let folder = assets.join(app);
        if folder.is_dir() {
            add(&folder, app, &mut list)?;
        }
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("apps.rs"), list)?;
    Ok(())
}

/// Adds every file below a folder, by its name below `assets/`.
fn add(folder: &Path, name: &str, list: &mut String) -> Result<(), Box<dyn Error>> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, file) = (entry.path(), entry.file_name());
        let file = file.to_str().ok_or("a name that is not UTF-8")?;
        let name = format!("{name}/{file}");
        if path.is_dir() {
            add(&path, &name, list)?;
        } else {
            writeln!(list, "    ({name:?}, include_bytes!({:?})),", path.display().to_string())?;
        }
    }
    Ok(())
}
