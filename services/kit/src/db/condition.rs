//! What the engine last said of the storage under it.

use std::fmt;

use tokio::sync::watch;

use super::DbError;

/// Whether a database can be read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Condition {
    /// As far as is known.
    #[default]
    Sound,
    /// The disk is full: reads work, writes fail until there is room.
    Full,
    /// The disk refuses to be written or read.
    Failing,
    /// The file is damaged. Stays so until the process starts on a restored one.
    Damaged,
}

impl Condition {
    /// What an error tells of the storage, if anything.
    fn told_by(error: &DbError) -> Option<Self> {
        match error {
            DbError::Full => Some(Self::Full),
            DbError::Storage(_) => Some(Self::Failing),
            DbError::Damaged(_) => Some(Self::Damaged),
            _ => None,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Sound => "",
            Self::Full => "the disk is full: nothing can be written until there is room",
            Self::Failing => "the disk cannot be read or written: look into the log",
            Self::Damaged => "the database is damaged: restore it from a backup",
        })
    }
}

/// The condition of one database, noted by whoever runs a statement.
#[derive(Debug, Default)]
pub(super) struct Observed(watch::Sender<Condition>);

impl Observed {
    pub(super) fn subscribe(&self) -> watch::Receiver<Condition> {
        self.0.subscribe()
    }

    /// Notes how a statement went.
    pub(super) fn note<T>(&self, result: Result<T, DbError>) -> Result<T, DbError> {
        if let Err(error) = &result
            && let Some(now) = Condition::told_by(error)
        {
            self.change(|before| if before == Condition::Damaged { before } else { now });
        }
        result
    }

    /// Notes that a commit reached the disk.
    pub(super) fn committed(&self) {
        self.change(|before| if before == Condition::Damaged { before } else { Condition::Sound });
    }

    fn change(&self, next: impl FnOnce(Condition) -> Condition) {
        self.0.send_if_modified(|condition| {
            let before = std::mem::replace(condition, next(*condition));
            before != *condition
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_heals_a_full_disk_and_nothing_heals_damage() {
        let observed = Observed::default();
        let condition = observed.subscribe();
        let _ = observed.note::<()>(Err(DbError::Busy));
        assert_eq!(*condition.borrow(), Condition::Sound);
        let _ = observed.note::<()>(Err(DbError::Full));
        assert_eq!(*condition.borrow(), Condition::Full);
        observed.committed();
        assert_eq!(*condition.borrow(), Condition::Sound);
        let _ = observed.note::<()>(Err(DbError::Damaged("page 3".to_owned())));
        let _ = observed.note::<()>(Err(DbError::Full));
        observed.committed();
        assert_eq!(*condition.borrow(), Condition::Damaged);
    }
}
