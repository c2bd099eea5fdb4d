//! Whether two messages that become one say different things about a field.

use std::collections::HashMap;

use super::codec::JsonCodec;
use super::error::Result;
use super::field_path::{FieldPath, Step};
use super::options::PrintOptions;
use super::print::message_bytes;
use super::table::{Cardinality, Field, Kind, MessageId};
use super::wire::{Raw, Reader};

/// What a message says about a field.
#[derive(Clone, Copy, Default)]
struct Leaf<'w> {
    /// The value that counts: the last one, wherever the messages around it were split.
    value: Option<Raw<'w>>,
    /// Another member of a oneof that the field, or a message around it, is a member of.
    rival: bool,
}

impl JsonCodec {
    /// The first of the fields, all paths of one message type, that both messages hold with different values, or of whose oneof `one`
    /// holds another member. Lists do not differ: their elements are joined. Takes time by the size of the messages, not times the
    /// number of fields.
    ///
    /// # Errors
    /// If either is no valid message.
    pub fn conflict<'p>(
        &self,
        fields: &[&'p FieldPath],
        one: &[u8],
        other: &[u8],
    ) -> Result<Option<&'p FieldPath>> {
        if fields.is_empty() || one.is_empty() {
            return Ok(None);
        }
        let (one, other) = (self.leaves(fields, one)?, self.leaves(fields, other)?);
        for (path, (one, other)) in fields.iter().zip(one.iter().zip(&other)) {
            let differ = match (one.value, other.value) {
                (Some(one), Some(other)) => self.differ(path, one, other)?,
                _ => false,
            };
            if differ || one.rival {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    fn differ(&self, path: &FieldPath, one: Raw<'_>, other: Raw<'_>) -> Result<bool> {
        let leaf = self.leaf(path);
        match leaf.kind {
            _ if leaf.cardinality != Cardinality::Singular => Ok(false),
            // Equal messages may be written in several ways.
            Kind::Message(id) => Ok(self.text_of(id, one)? != self.text_of(id, other)?),
            _ => Ok(one != other),
        }
    }

    fn text_of(&self, id: MessageId, value: Raw<'_>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.print(id, message_bytes(value)?, &PrintOptions::default(), &mut out)?;
        Ok(out)
    }

    fn leaves<'w>(&self, fields: &[&FieldPath], wire: &'w [u8]) -> Result<Vec<Leaf<'w>>> {
        let mut leaves = vec![Leaf::default(); fields.len()];
        let paths: Vec<_> = fields.iter().map(|path| path.steps.as_slice()).enumerate().collect();
        self.find_leaves(&paths, wire, &mut leaves)?;
        Ok(leaves)
    }

    /// Goes once through a message for all `paths`, each of which has the place of its leaf.
    fn find_leaves<'w>(
        &self,
        paths: &[(usize, &[Step])],
        wire: &'w [u8],
        leaves: &mut [Leaf<'w>],
    ) -> Result<()> {
        let mut wanted: HashMap<u32, Vec<(usize, &[Step])>> = HashMap::new();
        let mut rivals: HashMap<u32, Vec<usize>> = HashMap::new();
        for (place, steps) in paths {
            let [(id, index), inner @ ..] = steps else { continue };
            let fields = &self.tables[*id].fields;
            let field = &fields[*index];
            wanted.entry(field.number).or_default().push((*place, inner));
            let of_oneof = |rival: &&Field| field.oneof.is_some() && rival.oneof == field.oneof;
            for rival in fields.iter().filter(of_oneof).filter(|rival| rival.number != field.number) {
                rivals.entry(rival.number).or_default().push(*place);
            }
        }
        let mut reader = Reader::new(wire);
        while let Some((number, value)) = reader.field()? {
            for place in rivals.get(&number).into_iter().flatten() {
                leaves[*place].rival = true;
            }
            let Some(paths) = wanted.get(&number) else { continue };
            for (place, _) in paths.iter().filter(|(_, inner)| inner.is_empty()) {
                leaves[*place].value = Some(value);
            }
            if let Raw::Bytes(content) = value {
                let inner: Vec<_> = paths.iter().filter(|(_, inner)| !inner.is_empty()).copied().collect();
                if !inner.is_empty() {
                    self.find_leaves(&inner, content, leaves)?;
                }
            }
        }
        Ok(())
    }
}
