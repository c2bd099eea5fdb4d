//! Folders and files that nobody but their owner may read: keys, databases, mails.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
};

/// The bits of a mode that let a group or others in.
const OTHERS: u32 = 0o077;

/// Makes a folder, and those above it, of mode 0700. One that exists is closed to others.
///
/// # Errors
/// When it cannot be made, or belongs to somebody else.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    close(path)
}

/// Takes a file or folder that exists from group and others; what is closed already is not touched.
///
/// # Errors
/// When it is not there, or belongs to somebody else.
pub fn close(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS))
}

/// Closes a folder with everything in it. It is closed itself last, so that one that is closed has been done whole.
///
/// # Errors
/// Those of the first entry that cannot be closed.
pub fn close_tree(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            close_tree(&entry.path())?;
        } else if kind.is_file() {
            close(&entry.path())?;
        }
    }
    close(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_was_open_to_others_is_closed() {
        let root = tempfile::tempdir().unwrap();
        let shop = root.path().join("shop");
        fs::create_dir_all(shop.join("services/orders")).unwrap();
        let database = shop.join("services/orders/orders.db");
        fs::write(&database, "").unwrap();
        fs::set_permissions(&database, Permissions::from_mode(0o644)).unwrap();
        for folder in ["services/orders", "services", ""] {
            fs::set_permissions(shop.join(folder), Permissions::from_mode(0o755)).unwrap();
        }
        close_tree(&shop).unwrap();
        assert_eq!(mode(&database), 0o600);
        for folder in ["services/orders", "services", ""] {
            assert_eq!(mode(&shop.join(folder)), 0o700, "{folder}");
        }
        folder(&shop.join("pki/more")).unwrap();
        assert_eq!((mode(&shop.join("pki")), mode(&shop.join("pki/more"))), (0o700, 0o700));
    }
}
