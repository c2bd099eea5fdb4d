//! What kind of text a string of a request is: stated, or what follows from its rules and its name.

use prost_reflect::FieldDescriptor;

/// A kind of text; `shopmesh.policy.v1.TextKind` says of those that are stated what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    Line,
    Block,
    Query,
    Password,
    Email,
    Region,
    Token,
    /// One of the ASCII texts of a pattern, as it is.
    Pattern,
    /// RFC 9562, section 4: read in either case, kept in lower case.
    Uuid,
}

impl TextKind {
    /// The kind of a number of the contract's enum.
    pub fn of_number(number: i32) -> Option<Self> {
        Some(match number {
            1 => Self::Line,
            2 => Self::Block,
            3 => Self::Query,
            4 => Self::Password,
            5 => Self::Email,
            6 => Self::Region,
            7 => Self::Token,
            _ => return None,
        })
    }
}

/// The number of the kind that the contract states.
pub fn stated(field: &FieldDescriptor) -> Option<i32> {
    let extension = field.parent_pool().get_extension_by_name("shopmesh.policy.v1.text")?;
    let options = field.options();
    options.has_extension(&extension).then(|| options.get_extension(&extension).as_enum_number())?
}

/// Whether only answers hold the field (AIP-203): in a request it says nothing.
pub fn is_output_only(field: &FieldDescriptor) -> bool {
    const OUTPUT_ONLY: i32 = 3;
    let extension = field.parent_pool().get_extension_by_name("google.api.field_behavior");
    extension.is_some_and(|extension| {
        let options = field.options();
        let behaviors = options.get_extension(&extension);
        let mut behaviors = behaviors.as_list().unwrap_or_default().iter();
        behaviors.any(|behavior| behavior.as_enum_number() == Some(OUTPUT_ONLY))
    })
}
