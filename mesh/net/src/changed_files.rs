//! Files that somebody else replaces while this process runs, such as a certificate and its key.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Pause between two looks. Looking is cheap, and works where notifications do not: mounts, and links that are turned.
const EVERY: Duration = Duration::from_secs(1);

/// What tells one version of a file from the next: where it lies, how long it is, when it was written and moved.
type Stamp = Option<(u64, u64, u64, i64, i64, i64, i64)>;

fn stamp(path: &Path) -> Stamp {
    let found = fs::metadata(path).ok()?;
    let (written, moved) = ((found.mtime(), found.mtime_nsec()), (found.ctime(), found.ctime_nsec()));
    Some((found.dev(), found.ino(), found.len(), written.0, written.1, moved.0, moved.1))
}

/// Files that are read together.
#[derive(Debug)]
pub struct ChangedFiles {
    paths: Vec<PathBuf>,
    seen: Vec<Stamp>,
}

impl ChangedFiles {
    /// Begins now: read the files after this, so that no change falls in between.
    pub fn since_now(paths: Vec<PathBuf>) -> Self {
        let seen = paths.iter().map(|path| stamp(path)).collect();
        Self { paths, seen }
    }

    /// Returns after a change of one of them. A file that is being written changes again when that is done.
    pub async fn changed(&mut self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let now: Vec<Stamp> = self.paths.iter().map(|path| stamp(path)).collect();
            if now != self.seen {
                self.seen = now;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_kind_of_replacement_is_seen_once() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("tls.crt"), folder.path().join("next.crt"));
        fs::write(&file, "one").unwrap();
        let mut files = ChangedFiles::since_now(vec![file.clone()]);
        let longest = 3 * EVERY;
        let quiet =
            async |files: &mut ChangedFiles| tokio::time::timeout(longest, files.changed()).await.is_err();
        assert!(quiet(&mut files).await);
        fs::write(&file, "two").unwrap();
        files.changed().await;
        assert!(quiet(&mut files).await);
        fs::write(&other, "new").unwrap();
        fs::rename(&other, &file).unwrap();
        files.changed().await;
        fs::remove_file(&file).unwrap();
        files.changed().await;
        assert!(quiet(&mut files).await);
    }
}
