//! How to print and how to read.

/// How to print. The defaults are protobuf's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Each is an option of Envoy's PrintOptions.
pub struct PrintOptions {
    /// Names of fields as in the .proto, not in lowerCamelCase.
    pub preserve_proto_field_names: bool,
    /// Zero scalars and empty lists and maps too, but never fields that know "not set".
    pub always_print_primitive_fields: bool,
    /// Enums as numbers.
    pub always_print_enums_as_ints: bool,
    /// Lines and two spaces of indentation.
    pub add_whitespace: bool,
    /// An `Any` of an unknown type as `{"@type": .., "value": base64}` rather than as an error.
    pub unknown_any_as_base64: bool,
}

/// How to read. The defaults are protobuf's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// Skip keys that name no field, rather than refuse them.
    pub ignore_unknown_fields: bool,
    /// Names of enum values in any case.
    pub case_insensitive_enum: bool,
}
