//! Typed resource names: `orders/ord_01J…`, a collection and a prefixed ULID.
//!
//! Ids sort by creation time. Each entity gets its own type, so that one id cannot be passed for another:
//! `typed_id!(pub OrderId, "orders", "ord");`

use std::sync::{Mutex, PoisonError};

use ulid::{Generator, Ulid};

use crate::error::Error;

const ULID_CHARS: usize = 26;
const CROCKFORD: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new ULID as 26 characters of Crockford's base 32; ids of one process ascend even within a millisecond.
pub fn new_ulid() -> String {
    static GENERATOR: Mutex<Generator> = Mutex::new(Generator::new());
    let mut generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    // 2^80 ids within a millisecond would overflow into the next millisecond.
    let ulid: Ulid = generator.generate().unwrap_or_else(|overflow| overflow.commit_overflow_increment());
    ulid.to_string()
}

/// Whether `text` is a ULID in its one canonical form: upper case, no more than 128 bits.
pub fn is_ulid(text: &str) -> bool {
    text.len() == ULID_CHARS
        && text.as_bytes()[0] <= b'7'
        && text.bytes().all(|byte| CROCKFORD.contains(&byte))
}

/// Checks `name` against `<collection>/<prefix>_<ULID>` and returns the id after the slash.
///
/// # Errors
/// INVALID_ARGUMENT naming `field` and the expected form.
pub fn parse_name<'a>(field: &str, name: &'a str, collection: &str, prefix: &str) -> Result<&'a str, Error> {
    let id = name.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/'));
    let ulid = |id: &'a str| id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    match id {
        Some(id) if ulid(id).is_some_and(is_ulid) => Ok(id),
        _ => Err(Error::invalid(field, format!("must have the form {collection}/{prefix}_<ULID>"))),
    }
}

/// Declares an id type of one collection. See the module's documentation. In JSON it stands as the resource name, in rows
/// as what is after the slash.
#[macro_export]
macro_rules! typed_id {
    ($(#[$meta:meta])* $visibility:vis $type:ident, $collection:literal, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $type(String);

        #[allow(dead_code)]
        impl $type {
            /// The collection the names of this type start with.
            pub const COLLECTION: &'static str = $collection;

            /// A new id, greater than all earlier ones of this process.
            pub fn generate() -> Self {
                Self(format!(concat!($prefix, "_{}"), $crate::ids::new_ulid()))
            }

            /// Reads a resource name given in the field `name`.
            ///
            /// # Errors
            /// INVALID_ARGUMENT when the name has another form.
            pub fn parse(name: &str) -> Result<Self, $crate::error::Error> {
                Self::parse_field("name", name)
            }

            /// Reads a resource name given in `field`.
            ///
            /// # Errors
            /// INVALID_ARGUMENT naming `field` when the name has another form.
            pub fn parse_field(field: &str, name: &str) -> Result<Self, $crate::error::Error> {
                $crate::ids::parse_name(field, name, $collection, $prefix).map(|id| Self(id.to_owned()))
            }

            /// Reads what a row holds: the id without its collection.
            ///
            /// # Errors
            /// INTERNAL when that is something else.
            pub fn stored(id: &str) -> Result<Self, $crate::error::Error> {
                Self::parse(&format!(concat!($collection, "/{}"), id)).map_err($crate::error::Error::internal)
            }

            /// The resource name, such as `orders/ord_01J…`.
            pub fn name(&self) -> String {
                format!(concat!($collection, "/{}"), self.0)
            }

            /// The id without its collection, such as `ord_01J…`.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::error::Error;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Self::parse(name)
            }
        }

        impl From<&$type> for $crate::db::Value {
            fn from(id: &$type) -> Self {
                Self::from(&id.0)
            }
        }

        impl $crate::serde::Serialize for $type {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as $crate::serde::Deserialize>::deserialize(deserializer)?;
                let error = |error: $crate::error::Error| $crate::serde::de::Error::custom(error.message());
                Self::parse(&name).map_err(error)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($collection, "/{}"), self.0)
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    typed_id!(OrderId, "orders", "ord");

    #[test]
    fn generated_ids_ascend_and_parse() {
        let ids: Vec<OrderId> = (0..1_000).map(|_| OrderId::generate()).collect();
        assert!(ids.is_sorted());
        for id in &ids {
            assert_eq!(&OrderId::parse(&id.name()).unwrap(), id);
        }
    }

    #[test]
    fn json_holds_the_resource_name() {
        let id = OrderId::generate();
        let text = serde_json::to_string(&id).unwrap();
        assert_eq!(text, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<OrderId>(&text).unwrap(), id);
        assert!(serde_json::from_str::<OrderId>("\"orders/1\"").is_err());
    }

    #[test]
    fn other_forms_are_refused() {
        let good = OrderId::generate();
        let ulid = good.as_str().trim_start_matches("ord_").to_owned();
        for bad in [
            String::new(),
            good.as_str().to_owned(),
            format!("orders/{ulid}"),
            format!("orders/usr_{ulid}"),
            format!("users/ord_{ulid}"),
            format!("orders/ord_{}", ulid.to_lowercase()),
            format!("orders/ord_8{}", &ulid[1..]),
            format!("orders/ord_{}U", &ulid[1..]),
            format!("{good}0"),
        ] {
            assert!(OrderId::parse(&bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_without_panic(text in ".*", tail in ".{26}") {
            let _ = OrderId::parse(&text);
            let _ = OrderId::parse(&format!("orders/ord_{tail}"));
        }
    }
}
