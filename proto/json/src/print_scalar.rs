//! Single values on the wire to JSON.

use super::error::Result;
use super::number::{write_double, write_float};
use super::print::{Printer, wrong_wire_type};
use super::table::Kind;
use super::wire::{Raw, Reader, low_bits, zigzag64};

impl Printer<'_, '_, '_> {
    /// The zero of a scalar.
    pub(super) fn zero(&mut self, kind: Kind) {
        match kind {
            Kind::Bool => self.writer.literal("false"),
            Kind::String | Kind::Bytes => self.writer.literal("\"\""),
            Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => {
                self.writer.literal("\"0\"")
            }
            Kind::Enum(_) => self.enum_value(kind, 0),
            _ => self.writer.literal("0"),
        }
    }

    fn enum_value(&mut self, kind: Kind, number: i32) {
        let Kind::Enum(id) = kind else { return };
        let of = &self.tables[id];
        match of.quoted_name(number) {
            _ if of.null => self.writer.literal("null"),
            Some(name) if !self.options.always_print_enums_as_ints => self.writer.rendered(name),
            _ => self.writer.integer(number),
        }
    }

    pub(super) fn scalar(&mut self, kind: Kind, value: Raw<'_>) -> Result<()> {
        let writer = &mut self.writer;
        match (kind, value) {
            (Kind::Double, Raw::Fixed64(bits)) => write_double(f64::from_bits(bits), writer.out),
            (Kind::Float, Raw::Fixed32(bits)) => write_float(f32::from_bits(bits), writer.out),
            (Kind::Int32, Raw::Varint(value)) => writer.integer(low_bits(value).cast_signed()),
            (Kind::Uint32, Raw::Varint(value)) => writer.integer(low_bits(value)),
            (Kind::Sint32, Raw::Varint(value)) => {
                writer.integer(zigzag64(u64::from(low_bits(value))));
            }
            (Kind::Int64, Raw::Varint(value)) => writer.quoted_integer(value.cast_signed()),
            (Kind::Uint64, Raw::Varint(value)) => writer.quoted_integer(value),
            (Kind::Sint64, Raw::Varint(value)) => writer.quoted_integer(zigzag64(value)),
            (Kind::Fixed32, Raw::Fixed32(value)) => writer.integer(value),
            (Kind::Sfixed32, Raw::Fixed32(value)) => writer.integer(value.cast_signed()),
            (Kind::Fixed64, Raw::Fixed64(value)) => writer.quoted_integer(value),
            (Kind::Sfixed64, Raw::Fixed64(value)) => writer.quoted_integer(value.cast_signed()),
            (Kind::Bool, Raw::Varint(value)) => writer.bool(value != 0),
            (Kind::Enum(_), Raw::Varint(value)) => self.enum_value(kind, low_bits(value).cast_signed()),
            (Kind::String, Raw::Bytes(text)) => writer.wire_string(text)?,
            (Kind::Bytes, Raw::Bytes(bytes)) => writer.base64(bytes),
            _ => return Err(wrong_wire_type()),
        }
        Ok(())
    }
}

pub fn packed_value<'w>(kind: Kind, reader: &mut Reader<'w>) -> Result<Raw<'w>> {
    Ok(match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Raw::Fixed64(reader.fixed64()?),
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Raw::Fixed32(reader.fixed32()?),
        _ => Raw::Varint(reader.varint()?),
    })
}

pub fn is_packable(kind: Kind) -> bool {
    !matches!(kind, Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_))
}
