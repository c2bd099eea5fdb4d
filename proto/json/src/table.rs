//! Message descriptors compiled into flat tables, so that translation looks nothing up by text but the keys of the JSON itself.

use std::collections::HashMap;

use prost_reflect::{
    Cardinality as Label, DescriptorPool, EnumDescriptor, FieldDescriptor, MessageDescriptor,
};

use super::error::{JsonError, Result};
use super::names::NameTable;
use super::writer::Writer;

/// A message type of a [`crate::JsonCodec`]. Valid for the codec that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageId(u32);

/// An enum type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnumId(u32);

/// All types of a descriptor pool.
#[derive(Debug)]
pub struct Tables {
    messages: Vec<Message>,
    enums: Vec<Enum>,
    by_name: HashMap<String, MessageId>,
}

/// One message type.
#[derive(Debug)]
pub struct Message {
    pub name: Box<str>,
    pub shape: Shape,
    /// In the order of their numbers.
    pub fields: Vec<Field>,
    /// Index into `fields` by JSON name and by proto name.
    names: NameTable<usize>,
    pub oneofs: Vec<Box<str>>,
}

/// How a message looks in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An object with a member for each field.
    Plain,
    Any,
    Timestamp,
    Duration,
    FieldMask,
    /// The value of its only field.
    Wrapper,
    Struct,
    Value,
    ListValue,
}

impl Shape {
    /// Its JSON is of a form of its own that parts of it, given by name, do not have.
    pub fn is_free_form(self) -> bool {
        matches!(self, Self::Any | Self::Struct | Self::Value)
    }
}

/// One field.
#[derive(Debug)]
pub struct Field {
    pub number: u32,
    pub name: Box<str>,
    pub json_name: Box<str>,
    /// What is written before a value: `,"name":` with the proto and the JSON name.
    pub keys: Keys,
    pub kind: Kind,
    pub cardinality: Cardinality,
    /// "Not set" and "zero" differ.
    pub presence: bool,
    /// Index into the message's oneofs; none for the synthetic one of an `optional` field.
    pub oneof: Option<usize>,
}

/// The rendered keys of a field.
#[derive(Debug)]
pub struct Keys {
    pub proto: Box<[u8]>,
    pub json: Box<[u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    Singular,
    Repeated {
        /// Written packed; both forms are read.
        packed: bool,
    },
    /// The kind is the entry message.
    Map,
}

/// The type of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Enum(EnumId),
    Message(MessageId),
    /// A message between start and end tags (proto2 groups, editions' DELIMITED).
    Group(MessageId),
}

/// One enum type.
#[derive(Debug)]
pub struct Enum {
    names: NameTable<i32>,
    lower_case_names: NameTable<i32>,
    /// By number, each name in quotes; of aliases the first.
    quoted_names: Vec<(i32, Box<[u8]>)>,
    /// `google.protobuf.NullValue`, JSON's `null`.
    pub null: bool,
}

impl Enum {
    /// By name, or by the decimal number of a value that has a name. With `any_case` also with hyphens for underscores, as in Envoy.
    pub fn number(&self, name: &str, any_case: bool) -> Option<i32> {
        let folded = || name.to_ascii_lowercase().replace('-', "_");
        let by_name = self.names.get(name);
        by_name
            .or_else(|| any_case.then(|| self.lower_case_names.get(&folded())).flatten())
            .or_else(|| name.parse().ok().filter(|number| self.quoted_name(*number).is_some()))
    }

    /// The name of a value in quotes.
    pub fn quoted_name(&self, number: i32) -> Option<&[u8]> {
        // Most enums number their values 0, 1, 2...
        let guess = usize::try_from(number)
            .ok()
            .filter(|at| self.quoted_names.get(*at).is_some_and(|(found, _)| *found == number));
        let at = match guess {
            Some(at) => at,
            None => self.quoted_names.binary_search_by_key(&number, |(found, _)| *found).ok()?,
        };
        Some(&self.quoted_names[at].1)
    }
}

impl Message {
    /// By JSON name or proto name.
    pub fn field_named(&self, name: &str) -> Option<usize> {
        self.names.get(name)
    }

    /// [`Self::field_named`] where it is likely to be the field at `guess`, by its JSON name.
    pub fn field_named_near(&self, guess: usize, name: &str) -> Option<usize> {
        if self.fields.get(guess).is_some_and(|field| *field.json_name == *name) {
            return Some(guess);
        }
        self.field_named(name)
    }

    /// [`Self::field_numbered`] where it is likely to be the field at `guess`.
    pub fn field_near(&self, guess: usize, number: u32) -> Option<usize> {
        if self.fields.get(guess).is_some_and(|field| field.number == number) {
            return Some(guess);
        }
        self.field_numbered(number)
    }

    pub fn field_numbered(&self, number: u32) -> Option<usize> {
        // Most messages number their fields 1, 2, 3...
        let guess = usize::try_from(number).ok()?.checked_sub(1)?;
        if self.fields.get(guess).is_some_and(|field| field.number == number) {
            return Some(guess);
        }
        self.fields.binary_search_by_key(&number, |field| field.number).ok()
    }
}

impl std::ops::Index<MessageId> for Tables {
    type Output = Message;

    fn index(&self, id: MessageId) -> &Message {
        &self.messages[id.0 as usize]
    }
}

impl std::ops::Index<EnumId> for Tables {
    type Output = Enum;

    fn index(&self, id: EnumId) -> &Enum {
        &self.enums[id.0 as usize]
    }
}

impl Tables {
    /// Compiles every type of the pool.
    ///
    /// # Errors
    /// Two fields of one message that have the same name in JSON.
    pub fn compile(pool: &DescriptorPool) -> Result<Self> {
        let mut ids = Ids::default();
        for (message, id) in pool.all_messages().zip(0..) {
            ids.messages.insert(message.full_name().to_owned(), MessageId(id));
        }
        for (of, id) in pool.all_enums().zip(0..) {
            ids.enums.insert(of.full_name().to_owned(), EnumId(id));
        }
        let messages = pool.all_messages().map(|message| ids.message(&message)).collect::<Result<_>>()?;
        let enums = pool.all_enums().map(|of| compile_enum(&of)).collect();
        Ok(Self { messages, enums, by_name: ids.messages })
    }

    pub fn message(&self, full_name: &str) -> Option<MessageId> {
        self.by_name.get(full_name).copied()
    }

    /// The type that an `Any` names; everything before the last slash is only a host.
    pub fn message_by_url(&self, url: &str) -> Option<MessageId> {
        self.message(url.rsplit_once('/')?.1)
    }

    /// The scalar field of a wrapper, the list of a `ListValue`, the map of a `Struct`.
    pub fn only_field(&self, id: MessageId) -> &Field {
        &self[id].fields[0]
    }
}

#[derive(Default)]
struct Ids {
    messages: HashMap<String, MessageId>,
    enums: HashMap<String, EnumId>,
}

impl Ids {
    fn message(&self, message: &MessageDescriptor) -> Result<Message> {
        let oneofs: Vec<_> = message.oneofs().filter(|oneof| !oneof.is_synthetic()).collect();
        let oneofs: Vec<Box<str>> = oneofs.iter().map(|oneof| oneof.name().into()).collect();
        let mut fields: Vec<Field> = message.fields().map(|field| self.field(&field, &oneofs)).collect();
        fields.sort_by_key(|field| field.number);
        let named = fields.iter().enumerate();
        let named: Vec<(Box<str>, usize)> = named
            .flat_map(|(index, field)| [(field.json_name.clone(), index), (field.name.clone(), index)])
            .collect();
        let names = NameTable::new(named.clone());
        if let Some((name, _)) = named.iter().find(|(name, index)| names.get(name) != Some(*index)) {
            let problem = JsonError::new("two fields have this name in JSON");
            return Err(problem.in_field(name).in_field(message.full_name()));
        }
        let shape = shape(message.full_name(), &fields);
        Ok(Message { name: message.full_name().into(), shape, fields, names, oneofs })
    }

    fn field(&self, field: &FieldDescriptor, oneofs: &[Box<str>]) -> Field {
        let cardinality = match field.cardinality() {
            Label::Repeated if field.is_map() => Cardinality::Map,
            Label::Repeated => Cardinality::Repeated { packed: field.is_packed() },
            Label::Optional | Label::Required => Cardinality::Singular,
        };
        let oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
        Field {
            number: field.number(),
            name: field.name().into(),
            json_name: field.json_name().into(),
            keys: Keys { proto: key(field.name()), json: key(field.json_name()) },
            kind: self.kind(field),
            cardinality,
            presence: field.supports_presence(),
            oneof: oneof.and_then(|oneof| oneofs.iter().position(|name| **name == *oneof.name())),
        }
    }

    fn kind(&self, field: &FieldDescriptor) -> Kind {
        use prost_reflect::Kind as Type;
        match field.kind() {
            Type::Double => Kind::Double,
            Type::Float => Kind::Float,
            Type::Int32 => Kind::Int32,
            Type::Int64 => Kind::Int64,
            Type::Uint32 => Kind::Uint32,
            Type::Uint64 => Kind::Uint64,
            Type::Sint32 => Kind::Sint32,
            Type::Sint64 => Kind::Sint64,
            Type::Fixed32 => Kind::Fixed32,
            Type::Fixed64 => Kind::Fixed64,
            Type::Sfixed32 => Kind::Sfixed32,
            Type::Sfixed64 => Kind::Sfixed64,
            Type::Bool => Kind::Bool,
            Type::String => Kind::String,
            Type::Bytes => Kind::Bytes,
            Type::Enum(of) => Kind::Enum(self.enums[of.full_name()]),
            Type::Message(of) if field.is_group() => Kind::Group(self.messages[of.full_name()]),
            Type::Message(of) => Kind::Message(self.messages[of.full_name()]),
        }
    }
}

/// The well-known types, if they have the fields that this edition of them must have.
fn shape(full_name: &str, fields: &[Field]) -> Shape {
    use Kind::{Bool, Bytes, Double, Float, Int32, Int64, Message, String, Uint32, Uint64};
    let Some(name) = full_name.strip_prefix("google.protobuf.") else { return Shape::Plain };
    let kinds: Vec<Kind> = fields.iter().map(|field| field.kind).collect();
    match (name, kinds.as_slice()) {
        ("Any", [String, Bytes]) => Shape::Any,
        ("Timestamp", [Int64, Int32]) => Shape::Timestamp,
        ("Duration", [Int64, Int32]) => Shape::Duration,
        ("FieldMask", [String]) => Shape::FieldMask,
        ("Struct", [Message(_)]) => Shape::Struct,
        ("ListValue", [Message(_)]) => Shape::ListValue,
        ("Value", [_, Double, String, Bool, Message(_), Message(_)]) => Shape::Value,
        ("DoubleValue", [Double])
        | ("FloatValue", [Float])
        | ("Int64Value", [Int64])
        | ("UInt64Value", [Uint64])
        | ("Int32Value", [Int32])
        | ("UInt32Value", [Uint32])
        | ("BoolValue", [Bool])
        | ("StringValue", [String])
        | ("BytesValue", [Bytes]) => Shape::Wrapper,
        _ => Shape::Plain,
    }
}

fn key(name: &str) -> Box<[u8]> {
    [b",", quoted(name).as_slice(), b":"].concat().into()
}

/// As a JSON string: `json_name` may be any text.
fn quoted(name: &str) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(name.len() + 2);
    Writer::new(&mut quoted, false).string(name);
    quoted
}

fn compile_enum(of: &EnumDescriptor) -> Enum {
    // In the order of the .proto, which `values()` does not keep.
    let values: Vec<(&str, i32)> =
        of.enum_descriptor_proto().value.iter().map(|value| (value.name(), value.number())).collect();
    let mut quoted_names: Vec<(i32, Box<[u8]>)> =
        values.iter().map(|(name, number)| (*number, quoted(name).into())).collect();
    quoted_names.sort_by_key(|(number, _)| *number);
    quoted_names.dedup_by_key(|(number, _)| *number);
    Enum {
        names: NameTable::new(values.iter().map(|(name, number)| ((*name).into(), *number)).collect()),
        lower_case_names: NameTable::new(
            values.iter().map(|(name, number)| (name.to_ascii_lowercase().into(), *number)).collect(),
        ),
        quoted_names,
        null: of.full_name() == "google.protobuf.NullValue",
    }
}
