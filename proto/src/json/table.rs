//! Message descriptors compiled into flat tables, so that translation looks nothing up by text but the keys of the JSON itself.

use std::collections::HashMap;

use prost_reflect::{
    Cardinality as Label, DescriptorPool, EnumDescriptor, FieldDescriptor, MessageDescriptor,
};

use super::error::{JsonError, Result};

/// A message type of a [`super::JsonCodec`]. Valid for the codec that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    names: HashMap<Box<str>, usize>,
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

/// One field.
#[derive(Debug)]
pub struct Field {
    pub number: u32,
    pub name: Box<str>,
    pub json_name: Box<str>,
    pub kind: Kind,
    pub cardinality: Cardinality,
    /// "Not set" and "zero" differ.
    pub presence: bool,
    /// Index into the message's oneofs; none for the synthetic one of an `optional` field.
    pub oneof: Option<usize>,
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
    names: HashMap<Box<str>, i32>,
    lower_case_names: HashMap<Box<str>, i32>,
    /// Of aliases the first.
    numbers: HashMap<i32, Box<str>>,
    /// `google.protobuf.NullValue`, JSON's `null`.
    pub null: bool,
}

impl Enum {
    pub fn number(&self, name: &str, any_case: bool) -> Option<i32> {
        self.names.get(name).copied().or_else(|| {
            any_case.then(|| self.lower_case_names.get(name.to_ascii_lowercase().as_str()).copied()).flatten()
        })
    }

    pub fn name(&self, number: i32) -> Option<&str> {
        self.numbers.get(&number).map(AsRef::as_ref)
    }
}

impl Message {
    /// By JSON name or proto name.
    pub fn field_named(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
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
        let mut names = HashMap::with_capacity(2 * fields.len());
        for (index, field) in fields.iter().enumerate() {
            for name in [&field.json_name, &field.name] {
                if names.insert(name.clone(), index).is_some_and(|other| other != index) {
                    return Err(JsonError::new("two fields have this name in JSON")
                        .in_field(name)
                        .in_field(message.full_name()));
                }
            }
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

fn compile_enum(of: &EnumDescriptor) -> Enum {
    let mut compiled = Enum {
        names: HashMap::new(),
        lower_case_names: HashMap::new(),
        numbers: HashMap::new(),
        null: of.full_name() == "google.protobuf.NullValue",
    };
    // In the order of the .proto, which `values()` does not keep.
    for value in &of.enum_descriptor_proto().value {
        let (name, number) = (value.name(), value.number());
        compiled.names.insert(name.into(), number);
        compiled.lower_case_names.entry(name.to_ascii_lowercase().into()).or_insert(number);
        compiled.numbers.entry(number).or_insert_with(|| name.into());
    }
    compiled
}
