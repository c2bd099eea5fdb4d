//! A key in a file of its own: a copy of the database alone does not hold it. The database keeps the key's fingerprint,
//! so that a lost or foreign key is told at the start, before anything is written with another one.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context as _, bail};
use ring::{
    hmac::{HMAC_SHA256, Key, sign},
    rand::{SecureRandom, SystemRandom},
};
use shopmesh_mesh::private;
use zeroize::Zeroizing;

use crate::{db::Db, facts};

/// Bytes of a key.
pub const KEY_LEN: usize = 32;

/// The key in `file` that `db` is written with; made at first use, of mode 0600.
///
/// # Errors
/// Says what to restore when the file is missing or another one, though the database was written with a key; names the
/// file when it cannot be read or written, or holds no key.
pub async fn open(db: &Db, file: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let shown = file.display();
    let name = format!("key:{}", file.file_name().unwrap_or_default().display());
    let known = facts::get(db, &name).await?;
    let key = match read(file).with_context(|| format!("cannot read the key {shown}"))? {
        Some(key) if key.len() != KEY_LEN => bail!("{shown} is not a key: it must hold {KEY_LEN} bytes"),
        Some(key) => key,
        None if known.is_some() || facts::is_used(db).await? => bail!(
            "the key {shown} is missing, and the database beside it was written with it: \
             restore the key from the backup"
        ),
        None => create(file).with_context(|| format!("cannot create the key {shown}"))?,
    };
    let found = fingerprint(&key, &name);
    match known {
        Some(known) if known != found => bail!(
            "{shown} is not the key that the database beside it was written with: \
             restore the two from the same backup"
        ),
        Some(_) => {}
        None => facts::set(db, &name, &found).await?,
    }
    Ok(key)
}

/// Tells two keys apart, and nothing about either.
fn fingerprint(key: &[u8], name: &str) -> Vec<u8> {
    let context = format!("fingerprint of {name}");
    sign(&Key::new(HMAC_SHA256, key), context.as_bytes()).as_ref().to_vec()
}

fn read(file: &Path) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    match fs::read(file) {
        Ok(bytes) => {
            private::close(file)?;
            Ok(Some(Zeroizing::new(bytes)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a new key; of two processes that start at once, the second reads the first one's.
fn create(file: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let folder = file.parent().unwrap_or(Path::new("."));
    private::folder(folder)?;
    let mut key = Zeroizing::new(vec![0; KEY_LEN]);
    SystemRandom::new().fill(&mut key).map_err(|_| anyhow::anyhow!("the system gave no random bytes"))?;
    // Written beside and linked into place: the key appears whole or not at all.
    let draft = file.with_extension(format!("{}.new", std::process::id()));
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    out.write_all(&key)?;
    out.sync_all()?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Ok(()) => {
            fs::File::open(folder)?.sync_all()?;
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Zeroizing::new(fs::read(file)?)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::db::testing::temp_db;

    #[tokio::test]
    async fn a_key_is_kept_private_and_found_again() {
        let (db, folder) = temp_db().await;
        let file = folder.path().join("ledger.key");
        let key = open(&db, &file).await.unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(open(&db, &file).await.unwrap(), key);
        fs::write(&file, b"short").unwrap();
        assert!(open(&db, &file).await.is_err());
    }

    #[tokio::test]
    async fn a_database_does_not_get_a_second_key() {
        let (db, folder) = temp_db().await;
        let file = folder.path().join("ledger.key");
        let key = open(&db, &file).await.unwrap();
        fs::remove_file(&file).unwrap();
        let refused = open(&db, &file).await.unwrap_err().to_string();
        assert!(refused.contains("missing") && refused.contains("restore"), "{refused}");
        assert!(!file.exists(), "a refusal makes no key");

        fs::write(&file, [7; KEY_LEN]).unwrap();
        let refused = open(&db, &file).await.unwrap_err().to_string();
        assert!(refused.contains("is not the key"), "{refused}");

        fs::write(&file, &*key).unwrap();
        assert_eq!(open(&db, &file).await.unwrap(), key);
    }
}
