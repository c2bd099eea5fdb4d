//! The data directory: where everything of one shop lies.

use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use shopmesh_mesh::{ServiceName, private};

/// Marks a directory as a shop's.
const MARK: &str = "shopmesh.txt";

/// An open data directory. Dropping it removes an ephemeral one.
#[derive(Debug)]
pub struct DataDir {
    root: PathBuf,
    ephemeral: bool,
    _locks: Vec<File>,
}

impl DataDir {
    /// Creates or opens a data directory for this process alone.
    ///
    /// Fails when another process has it, when it holds something else than a shop, and when an ephemeral one is
    /// there already: only what this process made is removed again.
    pub fn open(root: &Path, ephemeral: bool) -> anyhow::Result<Self> {
        if ephemeral && is_occupied(root) {
            let shown = root.display();
            bail!(
                "--ephemeral removes the data directory at the end, but {shown} holds data: name a new one"
            );
        }
        Self::prepare(root)?;
        let root = root.canonicalize()?;
        let locks = ServiceName::ALL.into_iter().map(|service| Paths::new(&root).lock_service(service));
        let locks = locks.collect::<Result<_, _>>()?;
        Ok(Self { root, ephemeral, _locks: locks })
    }

    /// Makes the directory and marks it as a shop's.
    pub fn prepare(root: &Path) -> anyhow::Result<()> {
        let shown = root.display();
        if is_occupied(root) && !root.join(MARK).exists() {
            bail!("{shown} is not a data directory of shopmesh and not empty: name another with --data");
        }
        // An older one lets others in: everything in it is closed to them, once.
        let closed = if root.exists() { private::close_tree(root) } else { private::folder(root) };
        match closed {
            // A mounted volume may belong to somebody else. What is made in it is closed all the same.
            Err(error) if error.kind() == ErrorKind::PermissionDenied && root.is_dir() => {
                tracing::warn!(path = %shown, %error, "the data directory cannot be closed to others");
            }
            closed => closed.with_context(|| format!("cannot create the data directory {shown}"))?,
        }
        write_if_changed(&root.join(MARK), b"A data directory of shopmesh.\n")
            .with_context(|| format!("cannot write to {shown}"))
    }

    /// The places inside.
    pub fn paths(&self) -> Paths {
        Paths::new(&self.root)
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if self.ephemeral
            && let Err(error) = fs::remove_dir_all(&self.root)
        {
            tracing::warn!(path = %self.root.display(), %error, "the ephemeral data directory stays");
        }
    }
}

/// Writes a file, unless it holds that already: a start on a full disk writes nothing that need not be written.
pub fn write_if_changed(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    fs::write(path, content)
}

fn is_occupied(root: &Path) -> bool {
    fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some())
}

/// The places inside a data directory.
#[derive(Debug, Clone)]
pub struct Paths {
    root: PathBuf,
}

impl Paths {
    /// The places below `root`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The certificate authority and all certificates.
    pub fn pki(&self) -> PathBuf {
        self.root.join("pki")
    }

    /// What belongs to one service and nobody else.
    pub fn service(&self, service: ServiceName) -> PathBuf {
        self.root.join("services").join(service.as_str())
    }

    /// Claims a service's folder for this process, until the file is dropped.
    ///
    /// Fails when another process has it.
    pub fn lock_service(&self, service: ServiceName) -> anyhow::Result<File> {
        let (folder, shown) = (self.service(service), self.root.display());
        private::folder(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let lock = File::create(folder.join("lock")).with_context(|| format!("cannot write to {shown}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => {
                bail!("another shopmesh uses {shown} for {service}: stop it, or name another with --data")
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {shown}")),
        }
    }

    /// The edge's bootstrap.
    pub fn edge_yaml(&self) -> PathBuf {
        self.root.join("edge").join("edge.yaml")
    }

    /// The contracts as the edge reads them.
    pub fn descriptors(&self) -> PathBuf {
        self.root.join("edge").join("descriptors.binpb")
    }

    /// Mails, when no mail server is configured.
    pub fn mail(&self) -> PathBuf {
        self.service(ServiceName::Notifications).join("mail")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_used_by_one_process_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let first = DataDir::open(root.path(), false).unwrap();
        let second = DataDir::open(root.path(), false).unwrap_err().to_string();
        assert!(second.contains("another shopmesh uses"), "{second}");
        drop(first);
        DataDir::open(root.path(), false).unwrap();
    }

    #[test]
    fn a_directory_is_closed_to_others_also_an_older_one() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let shop = root.path().join("shop");
        drop(DataDir::open(&shop, false).unwrap());
        let mail = shop.join("services/notifications/mail");
        fs::create_dir_all(&mail).unwrap();
        fs::write(mail.join("1.eml"), "dear").unwrap();
        let loosen = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        loosen(&mail.join("1.eml"), 0o644);
        for folder in [&mail, mail.parent().unwrap(), &shop.join("services"), &shop] {
            loosen(folder, 0o755);
        }
        drop(DataDir::open(&shop, false).unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&mail.join("1.eml")), 0o600);
        for folder in [&mail, mail.parent().unwrap(), &shop.join("services"), &shop] {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
    }

    #[test]
    fn only_what_was_made_here_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let made = root.path().join("made");
        drop(DataDir::open(&made, true).unwrap());
        assert!(!made.exists());
        fs::write(root.path().join("letter.txt"), "dear").unwrap();
        for ephemeral in [true, false] {
            DataDir::open(root.path(), ephemeral).unwrap_err();
        }
        assert!(root.path().join("letter.txt").exists());
    }
}
