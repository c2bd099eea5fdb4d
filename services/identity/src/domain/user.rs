//! An account.

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
};

use super::{
    email::Email,
    roles::{self, RoleBinding},
};
use crate::ids::UserId;

/// State of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// May sign in.
    Active,
    /// May not sign in.
    Suspended,
}

/// An account of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub id: UserId,
    /// Sign-in address.
    pub email: Email,
    /// How the person is addressed; may be empty.
    pub display_name: String,
    /// BCP 47; may be empty.
    pub locale: String,
    /// Whether it may sign in.
    pub state: UserState,
    /// Roles held, in the order they were granted.
    pub bindings: Vec<RoleBinding>,
    /// Grows with every change.
    pub version: i64,
    /// When it was opened.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// The part of an account that its person may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfilePart {
    /// `display_name`.
    DisplayName,
    /// `locale`.
    Locale,
}

impl ProfilePart {
    const ALL: [Self; 2] = [Self::DisplayName, Self::Locale];

    /// The parts a field mask names; an empty mask and `*` name all.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming the path that cannot be changed.
    pub fn of_mask(paths: &[String]) -> Result<Vec<Self>> {
        if paths.is_empty() || paths == ["*"] {
            return Ok(Self::ALL.to_vec());
        }
        let part = |path: &String| match path.as_str() {
            "display_name" => Ok(Self::DisplayName),
            "locale" => Ok(Self::Locale),
            other => {
                let problem = format!("`{other}` cannot be changed; name `display_name` or `locale`");
                Err(Error::invalid("update_mask", problem))
            }
        };
        paths.iter().map(part).collect()
    }
}

impl User {
    /// A new account.
    pub fn open(email: Email, display_name: String, locale: String, now: Timestamp) -> Self {
        Self {
            id: UserId::generate(),
            email,
            display_name,
            locale,
            state: UserState::Active,
            bindings: vec![roles::of_a_new_account()],
            version: 1,
            created: now,
            updated: now,
        }
    }

    /// Takes the named parts of a profile over; `false` when nothing differs.
    pub fn revise(
        &mut self,
        display_name: &str,
        locale: &str,
        parts: &[ProfilePart],
        now: Timestamp,
    ) -> bool {
        let mut revised = self.clone();
        for part in parts {
            match part {
                ProfilePart::DisplayName => display_name.clone_into(&mut revised.display_name),
                ProfilePart::Locale => locale.clone_into(&mut revised.locale),
            }
        }
        let changed = revised != *self;
        if changed {
            *self = User { version: self.version + 1, updated: now, ..revised };
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> User {
        let email = Email::parse("email", "ann@example.com").unwrap();
        User::open(email, "Ann".to_owned(), "en".to_owned(), Timestamp(1))
    }

    #[test]
    fn only_named_parts_change() {
        let mut ann = user();
        assert!(ann.revise("Anna", "de", &[ProfilePart::Locale], Timestamp(2)));
        assert_eq!((ann.display_name.as_str(), ann.locale.as_str(), ann.version), ("Ann", "de", 2));
        assert!(!ann.revise("Ann", "de", &ProfilePart::ALL, Timestamp(3)));
        assert_eq!((ann.version, ann.updated), (2, Timestamp(2)));
    }

    #[test]
    fn masks() {
        let mask = |paths: &[&str]| {
            ProfilePart::of_mask(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(mask(&[]).unwrap(), ProfilePart::ALL);
        assert_eq!(mask(&["*"]).unwrap(), ProfilePart::ALL);
        assert_eq!(mask(&["locale"]).unwrap(), [ProfilePart::Locale]);
        for wrong in ["email", "state", "", "locale.x", "role_bindings"] {
            assert!(mask(&["locale", wrong]).is_err(), "{wrong}");
        }
    }
}
